"""What an account is about to buy.

Access patterns:
    the cart of an account                 CART#<user> / CART, with its lines
    what its lines cost and find in stock  one batch read of their products and stock items
"""
