"""Which language a text is certainly in, and that its neighbours are never taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.languages.certain import surely

CERTAIN = [
    ("en", "Good morning, how are you feeling today?"),
    ("en", "I don’t know where I am, please help me find my mother."),
    ("en", "The garden is beautiful and the birds are singing."),
    ("es", "Buenos días, ¿cómo está usted hoy?"),
    ("es", "Quiero ir a casa con mi madre, pero no sé dónde está."),
    ("fr", "Bonjour, comment allez-vous aujourd’hui ?"),
    ("fr", "Je ne sais pas où est ma mère et je veux rentrer avec elle."),
    ("de", "Guten Morgen, wie geht es dir heute?"),
    ("de", "Ich weiß nicht, wo ich bin, und ich habe meine Mutter nicht gesehen."),
    ("ja", "おはようございます。今日の気分はいかがですか。"),
    ("ko", "안녕하세요, 오늘 기분이 어떠세요?"),
    ("zh", "早上好，你今天感觉怎么样？"),
    ("zh", "我不知道我在哪裡，你們能幫我嗎？"),
    ("ar", "صباح الخير، كيف حالك اليوم؟ أنا في البيت مع أمي"),
]
DOUBTFUL = [
    "Bom dia, como você está hoje? Eu quero ir para casa com minha mãe.",
    "Eu não sei onde está o meu marido, mas quero falar com ele.",
    "Buongiorno, come sta oggi? Non so dove sono e voglio andare a casa.",
    "Il giardino è bello e la mamma è con me.",
    "Goedemorgen, hoe gaat het met je vandaag? Ik weet niet waar ik ben.",
    "God morgon, hur mår du idag? Jag vill gå hem till min mamma.",
    "God morgen, hvordan har du det i dag? Jeg vil gerne hjem til min mor.",
    "Bon dia, com està avui? Vull anar a casa amb la meva mare.",
    "Bună ziua, ce faci azi? Vreau să merg acasă la mama.",
    "Dzień dobry, jak się pan dzisiaj czuje?",
    "Доброе утро, как вы себя чувствуете?",
    "صبح بخیر، حال شما چطور است؟ من در خانه هستم",
    "صبح بخیر، آپ کیسے ہیں؟",
    "東京都千代田区丸の内",
    "東京駅前広場",
    "सुप्रभात, आज आप कैसा महसूस कर रहे हैं?",
    "Rose",
    "Taxi Hotel Restaurant",
    "12:30",
    "",
    "Bonjour means good morning, and guten Morgen does too, ¿no es así?",
]


@pytest.mark.parametrize(("language", "text"), CERTAIN)
def test_a_plain_sentence_is_recognised(language: str, text: str) -> None:
    assert surely(text) == language


@pytest.mark.parametrize("text", DOUBTFUL)
def test_a_neighbouring_language_or_a_lone_name_is_not_taken_for_one_of_ours(text: str) -> None:
    assert surely(text) is None


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(CERTAIN), st.sampled_from(CERTAIN))
def test_a_text_of_two_languages_is_certainly_neither_of_a_third(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert surely(f"{one[1]} {two[1]}") in {one[0], two[0], None}


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    assert surely(text) in {"en", "es", "fr", "de", "ja", "ko", "zh", "ar", None}
