"""Chats between a brand and an influencer about an application."""
