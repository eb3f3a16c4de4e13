"""What the many words for a mood mean to music and stories.

Labels are free text in any of the product's languages. A label becomes the moods of songs that suit it, which is not
always the mood itself: worry wants calm, sadness wants comfort.
"""

from collections.abc import Iterable
from functools import cache

from quintet.store.folding import fold

SONG_MOODS = ("calm", "happy", "lively", "romantic", "tender", "nostalgic", "hopeful", "reflective")
CALM, JOYFUL, NOSTALGIC, COMFORTING = "calm", "joyful", "nostalgic", "comforting"
TONES = (CALM, JOYFUL, NOSTALGIC, COMFORTING)
"""The tones a story can have."""

_LABELS: dict[tuple[str, tuple[str, ...]], str] = {
    (CALM, ("calm", "tender")): """
        calm peaceful relaxed relaxing quiet serene gentle soothing sleepy tired restful rest content neutral soft
        mellow tranquilo calma sereno calme paisible serein fatigué ruhig friedlich gelassen müde
        平静 安静 放松 宁静 平靜 安靜
        放鬆 寧靜 穏やか 静か 落ち着いた 落ち着き 차분 차분한 평온 평온한 편안 편안한 هادئ هادئة هدوء مطمئن""",
    (CALM, ("calm", "tender", "reflective")): """
        anxious worried agitated restless nervous afraid scared fearful frightened confused disoriented angry upset
        frustrated stressed tense anxiety worry ansioso ansiosa preocupado nervioso asustado confundido enfadado anxieux
        anxieuse inquiet inquiète confus effrayé ängstlich besorgt unruhig verwirrt wütend 焦虑 担心 害怕 困惑 生气 不安
        焦慮 擔心 生氣 心配 怖い 混乱 불안 불안한 걱정 무서운 혼란 قلق قلقة خائف خائفة مرتبك غاضب""",
    (COMFORTING, ("tender", "hopeful", "calm")): """
        sad lonely grieving tearful melancholy low depressed blue homesick hurt comforting hopeful tender triste
        sola solo soledad melancólico seul seule mélancolique traurig einsam wehmütig
        悲伤 难过 孤独 悲傷 難過 孤單 悲しい 寂しい
        슬픈 슬픔 외로운 외로움 حزين حزينة وحيد وحيدة حزن""",
    (JOYFUL, ("happy", "lively", "hopeful")): """
        happy joyful cheerful excited playful energetic lively upbeat glad delighted fun dance dancing celebratory
        proud amused party feliz alegre contento contenta animado heureux heureuse joyeux joyeuse gai
        glücklich fröhlich
        froh munter heiter 快乐 高兴 开心 愉快 活泼 快樂 高興 開心 活潑 嬉しい 楽しい 幸せ 元気 기쁜 즐거운 행복한 행복
        신나는 سعيد سعيدة فرح مرح مبتهج""",
    (NOSTALGIC, ("nostalgic", "reflective", "tender")): """
        nostalgic reflective wistful sentimental thoughtful reminiscing memories nostálgico nostálgica nostalgique
        nostalgisch sehnsüchtig 怀旧 怀念 懷舊 懷念 懐かしい 懐かしさ 그리운 그리움 حنين مشتاق""",
    (NOSTALGIC, ("romantic", "tender", "nostalgic")): """
        romantic loving love affectionate romántico romántica amoroso romantique amoureux romantisch verliebt 浪漫 恋爱
        浪漫的 ロマンチック 로맨틱 낭만적인 رومانسي رومانسية""",
}


@cache
def _meanings() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {fold(label): meaning for meaning, labels in _LABELS.items() for label in labels.split()}


def meaning(label: str) -> tuple[str, tuple[str, ...]] | None:
    """The tone of a story and the moods of songs for a mood's name; None for a name nobody knows."""
    plain, known = fold(label).strip(), _meanings()
    found = known.get(plain)
    if found is None:
        found = next((known[word] for word in plain.replace("-", " ").split() if word in known), None)
    if found is None and not plain.isascii():
        found = next((m for name, m in known.items() if not name.isascii() and name in plain), None)
    return found


def song_moods(labels: Iterable[str]) -> frozenset[str]:
    """The moods of songs that suit any of some moods; a mood of songs means itself, an unknown label nothing."""
    found: set[str] = set()
    for label in labels:
        plain = fold(label).strip()
        if plain in SONG_MOODS:
            found.add(plain)
        else:
            known = meaning(label)
            found.update(known[1] if known else ())
    return frozenset(found)


def tone(label: str | None) -> str | None:
    """The tone of a story for a mood's name; None for no mood and for an unknown one."""
    known = meaning(label) if label else None
    return known[0] if known else None
