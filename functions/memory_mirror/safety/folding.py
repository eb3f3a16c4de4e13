"""Text as the safety rules read it: one spelling per word, sentences apart, the pieces of a pattern's world.

Folding is Unicode's compatibility form, casefolded, without the marks a hurried writer or a transcriber leaves out
(Latin accents, Arabic vowel signs and tatweel), with the variants of one letter made one (Arabic alefs, katakana read
as hiragana). It loses nothing that the rules tell apart.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

LONGEST = 20_000
"""Characters of a message that are read; the functions take none longer."""

_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u200b-\u200f\u2060\ufeff]")
_APOSTROPHES = re.compile("[\u2018\u2019\u201b\u02bc\u00b4`\u2032]")
_QUOTED = re.compile(r"[\"“„«「『][^\"”“»」』]{1,400}[\"”“»」』]")
_ENDS = re.compile(r"[.!?;\n\r。．؟؛…।]+")
_INNER_ENDS = re.compile(r"[.!?;。؟؛…,]+")
_COMMAS = re.compile(r"[,،、:()\-–—/]+")
_OTHER = re.compile(r"[^\w,]+")
_RUNS = re.compile(r"([^\W\d_])\1{2,}")
_SPACES = re.compile(r"\s+")


_TRADITIONAL = (
    "門開閉燒煙氣進闖賊強盜見覺頭腳嚇們個壞從來時點樓話電鐵車馬歲張藥傷裡裏這誰嗎著聞聽說媽爺幾號麼幫過東錢亂別離條醫殺斷臉動緊連關聲燙險場鎖隻後壓還處報紙戲夢應該讓嗆滾厲"
    "難認識沒發會義嘔鄰親孫婦衛經給體兒淚悶請現剛絆樣擔單獨風遠燈詞嚥簾滅斃絕為對無擾鬧種闆間牆灑熱飯橋陽顫驚慘嚴窩鐘歷總長爛樂邊轉須暈蓋衝傾"
)
"""Characters of the Chinese rules in their traditional form, each read as the simplified one at its place below."""

_SIMPLIFIED = (
    "门开闭烧烟气进闯贼强盗见觉头脚吓们个坏从来时点楼话电铁车马岁张药伤里里这谁吗着闻听说妈爷几号么帮过东钱乱别离条医杀断脸动紧连关声烫险场锁只后压还处报纸戏梦应该让呛滚厉"
    "难认识没发会义呕邻亲孙妇卫经给体儿泪闷请现刚绊样担单独风远灯词咽帘灭毙绝为对无扰闹种板间墙洒热饭桥阳颤惊惨严窝钟历总长烂乐边转须晕盖冲倾"
)


@cache
def _letters() -> dict[int, str]:
    """Letters that are written in more than one way, and the one way they are read here."""
    table = dict.fromkeys(map(ord, "أإآٱ"), "ا") | {ord("ى"): "ي", ord("ة"): "ه", ord("ؤ"): "و", ord("ئ"): "ي"}
    katakana = {code: chr(code - 0x60) for code in range(0x30A1, 0x30F7)}
    return (
        table
        | katakana
        | {ord("œ"): "oe", ord("æ"): "ae"}
        | dict(zip(map(ord, _TRADITIONAL), _SIMPLIFIED, strict=True))
    )


def fold(text: str) -> str:
    """Text in its one spelling; punctuation stays."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text[:LONGEST]))
    whole = unicodedata.normalize("NFKC", bare).casefold().translate(_letters())
    return _APOSTROPHES.sub("'", whole)


def sentences(folded: str) -> list[str]:
    """Folded text cut at full stops; a quotation stays within the sentence that quotes it."""
    kept = _QUOTED.sub(lambda found: _INNER_ENDS.sub(",", found.group()), folded)
    return [part for part in _ENDS.split(kept) if part.strip()]


def spaced(sentence: str, apostrophe: str) -> str:
    """A sentence as words and commas, each with a space on both sides: ` i fell , help `."""
    text = sentence.replace("'", apostrophe)
    text = _OTHER.sub(" ", _COMMAS.sub(" , ", text)).replace("_", " ")
    return f" {_SPACES.sub(' ', text).strip()} "


def joined(sentence: str) -> str:
    """A sentence of a language written without (dependable) spaces: its letters and commas alone."""
    return re.sub(r"[^\w,]+", "", _COMMAS.sub(",", sentence))


def unstretched(word: str) -> str:
    """A word without the letters drawn out in a cry: `heeelp` → `help`."""
    return _RUNS.sub(r"\1", word)
