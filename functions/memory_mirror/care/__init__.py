"""Care: how the days go, what the weeks say, and the sessions in which caregivers look after somebody."""
