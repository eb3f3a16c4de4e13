"""Memory Mirror: a companion for people living with dementia, and for those who care for them."""
