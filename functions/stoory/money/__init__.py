"""Rupees on the wire, paise in the books, and the platform's fee. No items of its own."""
