"""Applications of influencers to campaigns; and what they bring about in campaigns and chats.

Access patterns:
    an application by id                        APPLICATION#<id> / APPLICATION
    a campaign's applications, newest first     gsi1  CAMPAIGN#<campaign>#APPLICATIONS / <id>
    an influencer's, newest first               gsi2  INFLUENCER#<influencer>#APPLICATIONS / <id>
    those to a brand's campaigns, newest first  gsi3  BRAND#<brand>#APPLICATIONS / <id>
    who applied to a campaign, consistently     CAMPAIGN#<campaign> / APPLICANT#<influencer>
The three listings are counted.

A campaign's end withdraws the applications to it, and accepting one opens its chat. Campaigns and chats know nothing of
applications, so the operations in which they meet are here: `campaign_operations`, `chat_operations`.
"""
