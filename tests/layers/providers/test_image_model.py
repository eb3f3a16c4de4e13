"""InvokeModel of models that paint as it goes over the wire: each family's form, and what each answer becomes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.converse import Converse, Step
from infra.local.pictures import plain
from quintet.media.images import recognise
from quintet.providers import image_model
from quintet.providers.bedrock import Misasked, Refused, TooSlow
from quintet.providers.errors import NotConfigured, ProviderError, Rejected, Throttled, Unavailable
from quintet.providers.image_model import Picture, paint
from quintet.settings import use
from tests.support.model import credentials

NOVA, TITAN, TITAN_1 = (
    "amazon.nova-canvas-v1:0",
    "amazon.titan-image-generator-v2:0",
    "amazon.titan-image-generator-v1",
)
STABLE = "arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.stability.stable-image-ultra-v1:1"
WIDE = Picture("An orange grove at dawn", 1280, 720, seed=7)
COLORS = ("#FF8800", "#103010")
REFERENCE = plain(1280, 720, b"\xff\x88\x00")
ENCODED = base64.b64encode(REFERENCE).decode()


@pytest.fixture
def server() -> Iterator[Converse]:
    found = Converse(credentials=credentials())
    found.start()
    with use({"QUINTET_BEDROCK_URL": found.url, "AWS_REGION": "us-east-1"}):
        yield found
    found.stop()


def asked_of(server: Converse, model: str, **more: Any) -> dict[str, Any]:
    """What the model was asked for a wide picture with these changes; the answer is an image."""
    fields = {name: getattr(WIDE, name) for name in Picture.__slots__}
    recognise(paint(model, Picture(**{**fields, **more}), 5))
    (asked,) = server.asked
    assert asked.model == model
    return asked.body


def test_nova_canvas_is_asked_for_these_very_pixels(server: Converse) -> None:
    painted = recognise(paint(NOVA, WIDE, 5))
    assert (painted.type, painted.width, painted.height) == ("image/png", 1280, 720)
    assert server.asked[0].body == {
        "taskType": "TEXT_IMAGE",
        "textToImageParams": {"text": "An orange grove at dawn"},
        "imageGenerationConfig": {"numberOfImages": 1, "width": 1280, "height": 720, "seed": 7},
    }


def test_a_palette_is_given_as_colours_where_the_model_takes_them(server: Converse) -> None:
    body = asked_of(server, NOVA, colors=COLORS, reference=REFERENCE)
    assert body["taskType"] == "COLOR_GUIDED_GENERATION"
    assert body["colorGuidedGenerationParams"] == {
        "text": WIDE.text,
        "colors": list(COLORS),
        "referenceImage": ENCODED,
    }


def test_the_first_titan_reads_the_palette_as_words(server: Converse) -> None:
    body = asked_of(server, TITAN_1, colors=COLORS)
    assert body["textToImageParams"] == {"text": f"{WIDE.text}\nPalette: #FF8800, #103010"}


def test_a_reference_alone_is_varied(server: Converse) -> None:
    body = asked_of(server, TITAN, reference=REFERENCE)
    assert body["imageVariationParams"] == {"text": WIDE.text, "images": [ENCODED], "similarityStrength": 0.7}


@pytest.mark.parametrize(
    ("size", "painted"), [((1280, 720), (1408, 768)), ((1024, 1024), (1024, 1024)), ((720, 1280), (768, 1408))]
)
def test_titan_paints_in_the_nearest_of_its_sizes(
    server: Converse, size: tuple[int, int], painted: tuple[int, int]
) -> None:
    config = asked_of(server, TITAN, width=size[0], height=size[1])["imageGenerationConfig"]
    assert (config["width"], config["height"]) == painted


@pytest.mark.parametrize(("model", "most"), [(NOVA, 1024), (TITAN, 512)])
def test_a_long_description_is_cut_to_what_the_model_takes(server: Converse, model: str, most: int) -> None:
    assert asked_of(server, model, text="x" * 5000)["textToImageParams"]["text"] == "x" * most


def test_stability_is_asked_for_the_nearest_ratio_in_the_region_of_the_profile(server: Converse) -> None:
    body = asked_of(server, STABLE, colors=COLORS, width=1152, height=864)
    assert body == {
        "prompt": f"{WIDE.text}\nPalette: #FF8800, #103010",
        "output_format": "png",
        "seed": 7,
        "mode": "text-to-image",
        "aspect_ratio": "5:4",
    }
    assert "/us-west-2/bedrock/aws4_request" in server.asked[0].headers["authorization"]


def test_stability_stays_close_to_a_reference(server: Converse) -> None:
    body = asked_of(server, STABLE, reference=REFERENCE)
    assert body == {
        "prompt": WIDE.text,
        "output_format": "png",
        "seed": 7,
        "mode": "image-to-image",
        "image": ENCODED,
        "strength": 0.65,
    }


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Step(error="ThrottlingException"), Throttled),
        (Step(error="ServiceUnavailableException"), Unavailable),
        (Step(error="ValidationException"), Misasked),
        (Step(error="AccessDeniedException"), Rejected),
        (Step(stop="This request has been blocked by our content filters."), Refused),
        (Step(raw="[]"), Unavailable),
        (Step(raw="{}"), Unavailable),
        (Step(raw='{"images": ["???"]}'), Unavailable),
        (Step(raw='{"images": [""]}'), Unavailable),
        (Step(raw='{"images": 7}'), Unavailable),
        (Step(raw='{"finish_reasons": ["Inference error"]}'), Unavailable),
        (Step(lost=True), Unavailable),
        (Step(delay=5), TooSlow),
    ],
)
def test_what_goes_wrong_is_of_a_known_kind(server: Converse, step: Step, kind: type[ProviderError]) -> None:
    server.script(step)
    with pytest.raises(kind) as caught:
        paint(NOVA, WIDE, 0.5)
    assert type(caught.value) is kind


def test_a_filtered_prompt_is_refused_by_stability_too(server: Converse) -> None:
    server.script(Step(stop="Filter reason: prompt"))
    with pytest.raises(Refused, match="Filter reason: prompt"):
        paint(STABLE, WIDE, 5)


def test_a_model_of_no_known_family_is_not_asked(server: Converse) -> None:
    with pytest.raises(Rejected, match="no family"):
        paint("acme.painter-v1", WIDE, 5)
    assert server.asked == []


def test_without_the_setting_there_is_no_model() -> None:
    with use({}), pytest.raises(NotConfigured, match="QUINTET_IMAGE_MODEL"):
        image_model.model_id()
    with use({"QUINTET_IMAGE_MODEL": NOVA}):
        assert image_model.model_id() == NOVA
