"""What the shop sells: products with their stock, and the categories and brands they are found by.

Access patterns:
    a product by id                        PRODUCT#<id> / PRODUCT
    all products, newest first (staff)     gsi1  PRODUCTS / <id>
    public products, newest first          gsi2  PRODUCTS#active / <id>, only active ones
    public products of a category          gsi3  CATEGORY#<category>#PRODUCTS / <id>, only active ones
    public products by the words in them   quintet.store.words, index `products`
    stock, and whose SKU it is             SKU#<sku> / STOCK; its existence makes the SKU unique
    a category by id                       CATEGORY#<id> / CATEGORY
    public categories, alphabetical        gsi1  CATEGORIES#public / <sort>#<id>
    a category's descendants, or the tree  gsi2  CATEGORIES#tree / <path>, by the beginning of the path
    a brand by id                          BRAND#<id> / BRAND
    public brands, alphabetical            gsi1  BRANDS#public / <sort>#<id>
    all brands, alphabetical               gsi2  BRANDS / <sort>#<id>
    whose a slug is                        SLUG#<space>#<slug> / SLUG; its existence makes the slug unique
Ids are time-ordered, so an index sorted by id is sorted by age.
"""
