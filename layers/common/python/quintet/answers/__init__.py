"""A language model's answers with a floor beneath them: asked, checked against the reply model, else computed.

PROMPT = Prompt("memory_mirror", "chat.v1")      # functions/memory_mirror/prompts/chat.v1.md

@api.post("/chatWithAI", needs={"model", "table:write"})
def chat_with_ai(body: Chat, user: User) -> Reply[ChatReply]:
    return answered(PROMPT, ChatReply, {"message": body.message}, fallback=lambda: comforting(body))

`answered` never fails for the model's sake. `ask` is for those who join the model's answer to one of their own.
`facts` are minimised and placed as data by them; callers pass what the answer needs and nothing else, the most
important entries first.
"""

from quintet.answers.asking import Answer, answered, ask
from quintet.answers.minimising import minimised
from quintet.answers.prompts import Prompt

__all__ = ["Answer", "Prompt", "answered", "ask", "minimised"]
