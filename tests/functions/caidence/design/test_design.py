"""The design studio: who sees and makes assets, what their pictures are, and that no file is left behind."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from caidence.activity.log import Activity
from caidence.design import files as design_files
from caidence.design import generation, operations, painting
from caidence.design.entities import DesignAsset, LooseFile
from caidence.design.generation import UNSTORED, DesignWish
from caidence.design.operations import DesignReply
from caidence.directory.entities import Organization
from caidence.service import store
from caidence.tenancy import usage
from infra.local.converse import Step
from quintet.models.time import epoch, frozen, now
from quintet.providers import storage
from quintet.providers.errors import Unavailable
from quintet.settings import use
from quintet.testing import Client
from quintet.testing.events import schedule_event
from tests.functions.caidence.conftest import SignIn, account_of, lend, make_brand, make_user
from tests.functions.caidence.design.conftest import (
    DESIGN,
    GENERATE,
    NOBODY,
    WISH,
    encoded,
    files,
    made,
    picture,
    pixels,
)
from tests.functions.caidence.tenancy.conftest import fields, ids
from tests.support.aws import in_threads
from tests.support.model import painter

MISSING = {"detail": "Design asset not found"}


@pytest.fixture(autouse=True)
def _closed_circuits() -> None:
    painting.breaker.reset()


def stored_bytes(organization: Organization) -> int:
    return usage.of_organization(organization.id).storage


def loose() -> list[LooseFile]:
    return store.query(LooseFile, "gsi1", limit=50).items


def activities(organization: Organization) -> list[tuple[str, str]]:
    rows = store.query(Activity, "main", place=organization.id, limit=50).items
    return [(row.type, row.description) for row in rows]


def test_without_a_token_nothing_of_designs_is_to_be_had(platform: Client) -> None:
    one = f"{DESIGN}/{NOBODY}"
    for method, path in [("GET", DESIGN), ("GET", one), ("GET", f"{one}/image"), ("POST", GENERATE), ("PUT", one),
                         ("DELETE", one)]:  # fmt: skip
        assert platform.request(method, path, {}).status == 401, (method, path)


def test_a_design_is_kept_whole_and_its_picture_is_behind_its_url(member: Client, organization: Organization) -> None:
    answer = member.post(GENERATE, {**WISH, "brand_colors": ["#f28c28", "#2E7D32"]})
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    asset = answer.body
    assert asset == {
        **WISH,
        "id": asset["id"],
        "organization_id": organization.id,
        "brand_id": None,
        "brand_colors": ["#F28C28", "#2E7D32"],
        "image_url": f"/api/v1/design/{asset['id']}/image",
        "width": 1280,
        "height": 720,
        "user_id": account_of(member).id,
        "created_at": asset["created_at"],
        "updated_at": asset["created_at"],
    }
    assert member.get(f"{DESIGN}/{asset['id']}").body == asset
    assert member.get(f"{DESIGN}/").body == [asset]
    image = member.get(asset["image_url"])
    assert (image.status, image.headers["content-type"]) == (200, "image/png")
    assert image.headers["cache-control"] == "private, max-age=3600"
    assert image.headers["content-disposition"] == 'inline; filename="Cold-pressed summer.png"'
    assert pixels(image.raw).size == (1280, 720)
    assert stored_bytes(organization) == len(image.raw)
    assert (len(files()), loose()) == (1, [])
    assert activities(organization) == [("design.generated", "Generated the design Cold-pressed summer")]
    again = member.get(asset["image_url"], headers={"If-None-Match": image.headers["etag"]})
    assert again.status == 304


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("1:1", (1024, 1024)), ("9:16", (720, 1280)), ("4:5", (1024, 1280)), ("4:3", (1152, 864)), ("3:2", (1152, 768))],
)
def test_a_picture_has_exactly_the_ratio_asked_for(member: Client, ratio: str, size: tuple[int, int]) -> None:
    across, down = map(int, ratio.split(":"))
    assert size[0] * down == size[1] * across
    asset = made(member, aspect_ratio=ratio)
    assert pixels(member.get(asset["image_url"]).raw).size == size == (asset["width"], asset["height"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "body.title"),
        ({"style": "x" * 51}, "body.style"),
        ({"prompt": None}, "body.prompt"),
        ({"prompt": "x" * 4001}, "body.prompt"),
        ({"aspect_ratio": "2:1"}, "body.aspect_ratio"),
        ({"aspect_ratio": None}, "body.aspect_ratio"),
        ({"brand_colors": ["red"]}, "body.brand_colors.0"),
        ({"brand_colors": ["#F28C28\n"]}, "body.brand_colors.0"),
        ({"brand_colors": ["#000000"] * 9}, "body.brand_colors"),
        ({"brand_colors": "#F28C28"}, "body.brand_colors"),
        ({"reference_image": ""}, "body.reference_image"),
        ({"reference_image": "http://example.com/a.png"}, "body.reference_image"),
        ({"reference_image": "https://127.0.0.1/a.png"}, "body.reference_image"),
        ({"reference_image": "https://example.com:22/a.png"}, "body.reference_image"),
        ({"reference_image": "not base64!"}, "body.reference_image"),
        ({"reference_image": encoded(b"<svg xmlns='http://www.w3.org/2000/svg'/>")}, "body.reference_image"),
        ({"reference_image": encoded(picture()[:60])}, "body.reference_image"),
        ({"brand_id": "x"}, "body.brand_id"),
    ],
)
def test_a_bad_wish_is_refused_by_field_and_leaves_nothing(member: Client, change: dict[str, Any], field: str) -> None:
    assert fields(member.post(GENERATE, {**WISH, **change})) == [field]
    assert (member.get(DESIGN).body, files(), loose()) == ([], [], [])


def test_who_may_look_and_who_may_draw(sign_in: SignIn, member: Client, viewer: Client) -> None:
    asset = made(member)
    looks, draws = sign_in("creator"), sign_in("brand_admin")
    assert looks.get(f"{DESIGN}/{asset['id']}").body == asset
    for client in (looks, viewer):
        assert client.post(GENERATE, WISH).status == 403
        assert client.put(f"{DESIGN}/{asset['id']}", {"title": "Mine"}).status == 403
        assert client.delete(f"{DESIGN}/{asset['id']}").status == 403
    for path in (DESIGN, f"{DESIGN}/{asset['id']}", asset["image_url"]):
        assert viewer.get(path).status == 403
    assert made(draws)["title"] == WISH["title"]


def test_a_brand_may_be_lent_alone_and_signs_its_designs(viewer: Client, organization: Organization) -> None:
    brand, others = make_brand(organization, "Sol Citrus"), make_brand(organization, "Still")
    lend(viewer, "design_studio:write", scope="brand", id=brand.id)
    lend(viewer, "design_studio:read", scope="brand", id=brand.id)
    asset = made(viewer, brand_id=brand.id)
    assert asset["brand_id"] == brand.id
    assert viewer.get(asset["image_url"]).status == 200
    refused = viewer.post(GENERATE, {**WISH, "brand_id": others.id})
    assert refused.body == {"detail": "deny: role viewer does not grant design_studio:write"}


def test_another_organizations_designs_are_not_there(member: Client, sign_in: SignIn, other: Organization) -> None:
    stranger = sign_in("agency_admin", other)
    asset = made(member)
    one = f"{DESIGN}/{asset['id']}"
    answers = [stranger.get(one), stranger.get(f"{one}/image"), stranger.put(one, {"title": "x"}), stranger.delete(one)]
    assert [(answer.status, answer.body) for answer in answers] == [(404, MISSING)] * 4
    assert stranger.get(DESIGN).body == []
    assert member.post(GENERATE, {**WISH, "brand_id": make_brand(other).id}).body == {"detail": "Brand not found"}
    assert member.post(GENERATE, {**WISH, "organization_id": other.id}).body == {"detail": "Organization not found"}
    assert (member.get(one).body, len(files())) == (asset, 1)


def test_super_admins_see_all_and_name_the_organization(
    super_admin: Client, member: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    first, second = made(member), made(sign_in("agency_admin", other))
    assert ids(super_admin.get(DESIGN)) == [second["id"], first["id"]]
    assert super_admin.get(first["image_url"]).status == 200
    assert fields(super_admin.post(GENERATE, WISH)) == ["body.organization_id"]
    assert made(super_admin, organization_id=organization.id)["organization_id"] == organization.id


def test_the_title_can_be_changed_and_the_picture_stays_with_what_it_was_made_from(
    member: Client, organization: Organization
) -> None:
    asset = made(member, brand_colors=["#F28C28"])
    one = f"{DESIGN}/{asset['id']}"
    image = member.get(asset["image_url"]).raw
    with frozen(now() + timedelta(minutes=1)):
        changed = member.put(one, {"title": "Spring"})
    assert changed.body == {**asset, "title": "Spring", "updated_at": changed.body["updated_at"]}
    assert changed.body["updated_at"] > asset["updated_at"]
    assert member.put(one, {"title": None}).body == changed.body
    assert member.put(one, changed.body).body == changed.body  # what was read may be sent back
    assert (member.get(one).body, member.get(asset["image_url"]).raw) == (changed.body, image)
    assert fields(member.put(one, {"title": ""})) == ["body.title"]
    changes: list[dict[str, Any]] = [
        {"style": "bold"},
        {"prompt": "Green"},
        {"brand_colors": []},
        {"aspect_ratio": "1:1"},
    ]
    for change in changes:
        refused = member.put(one, {"title": "Other", **change})
        assert (refused.status, member.get(one).body) == (400, changed.body)
    assert activities(organization)[0] == ("design.updated", "Updated the design Spring")


def test_a_title_of_emoji_alone_is_refused(member: Client) -> None:
    for title in ("🎉", "👩\u200d🌾 🇩🇪", "❤️"):
        assert fields(member.post(GENERATE, {**WISH, "title": title})) == ["body.title"]
    assert made(member, title="50 % 🎉")["title"] == "50 % 🎉"


def test_a_picture_is_under_the_public_address(member: Client, organization: Organization) -> None:
    asset = store.require(DesignAsset, UNSTORED, organization_id=organization.id, id=made(member)["id"])
    with use({"QUINTET_PUBLIC_URL": "http://localhost:8000/caidence/"}):
        shown = DesignReply.of(asset).image_url
    assert shown == f"http://localhost:8000/caidence/api/v1/design/{asset.id}/image"


def test_parallel_changes_leave_one_title(member: Client) -> None:
    asset = made(member)
    one = f"{DESIGN}/{asset['id']}"
    titles = [f"Title {n}" for n in range(4)]
    assert in_threads(4, lambda n: member.put(one, {"title": titles[n]}).status) == [200] * 4
    assert member.get(one).body["title"] in titles


def test_a_deleted_design_takes_its_picture_along(member: Client, organization: Organization) -> None:
    asset = made(member)
    one = f"{DESIGN}/{asset['id']}"
    assert member.delete(one).body == {"message": "Design asset deleted", "id": asset["id"]}
    assert (member.get(one).body, member.get(f"{one}/image").body, member.delete(one).body) == (MISSING,) * 3
    assert (files(), loose(), stored_bytes(organization)) == ([], [], 0)
    assert activities(organization)[0] == ("design.deleted", "Deleted the design Cold-pressed summer")


def test_of_parallel_deletions_one_deletes_and_the_bytes_are_counted_once(
    member: Client, organization: Organization
) -> None:
    asset = made(member)
    answers = in_threads(4, lambda _: member.delete(f"{DESIGN}/{asset['id']}").status)
    assert sorted(answers, key=str) == [200, 404, 404, 404]
    assert (stored_bytes(organization), member.get(DESIGN).headers["x-total-count"]) == (0, "0")


def test_a_file_that_cannot_be_deleted_is_swept_later(member: Client) -> None:
    asset = made(member)
    with patch.object(storage, "delete", side_effect=Unavailable("down")):
        assert member.delete(f"{DESIGN}/{asset['id']}").status == 200
        assert operations.sweep_files(schedule_event()) == {"deleted": 0, "failed": 1}
    assert (len(files()), len(loose())) == (1, 1)
    assert operations.sweep_files(schedule_event()) == {"deleted": 1, "failed": 0}
    assert (files(), loose()) == ([], [])


def test_a_picture_whose_asset_was_never_written_is_swept_once_nobody_makes_it(
    member: Client, organization: Organization
) -> None:
    kept = made(member)
    with patch.object(design_files, "keep", side_effect=RuntimeError("the process dies")):
        assert member.post(GENERATE, WISH).status == 500
    assert (len(files()), len(loose())) == (2, 1)
    assert design_files.sweep().deleted == 0  # it might still be in the making
    (note,) = loose()
    with patch.object(design_files, "epoch", lambda: note.due):
        assert design_files.sweep().deleted == 1
    assert (len(files()), loose()) == (1, [])
    assert member.get(kept["image_url"]).status == 200


def test_a_picture_that_was_swept_before_its_asset_came_makes_no_asset(member: Client) -> None:
    write = design_files.write

    def slow(organization_id: str, content: bytes) -> str:
        file = write(organization_id, content)
        with patch.object(design_files, "epoch", lambda: epoch() + 7200):
            assert design_files.sweep().deleted == 1
        return file

    with patch.object(design_files, "write", slow):
        assert member.post(GENERATE, WISH).status == 503
    assert (member.get(DESIGN).body, files(), loose()) == ([], [], [])


def test_storage_that_is_down_is_a_503_and_leaves_no_asset(member: Client) -> None:
    with patch.object(storage, "put", side_effect=Unavailable("down")):
        assert member.post(GENERATE, WISH).status == 503
    assert (member.get(DESIGN).body, files()) == ([], [])
    asset = made(member)
    with patch.object(storage, "get", side_effect=Unavailable("down")):
        assert member.get(asset["image_url"]).status == 503
    with patch.object(storage, "get", return_value=None):
        assert member.get(asset["image_url"]).body == {"detail": "Image not found"}


def test_an_image_model_paints_where_there_is_one(member: Client) -> None:
    with painter() as asked:
        answer = member.post(GENERATE, {**WISH, "brand_colors": ["#F28C28"]})
    assert answer.headers["x-answer-source"] == "model"
    (call,) = asked.asked
    assert call.body["colorGuidedGenerationParams"]["colors"] == ["#F28C28"]
    assert "orange juice" in call.body["colorGuidedGenerationParams"]["text"]
    image = pixels(member.get(answer.body["image_url"]).raw)
    assert (image.size, len(image.getcolors() or [])) == ((1280, 720), 1)


def test_what_another_ratio_was_painted_in_is_cut_to_the_one_asked_for(member: Client) -> None:
    with painter(named="stability.stable-image-core-v1:1"):
        asset = made(member, aspect_ratio="4:3")
    assert pixels(member.get(asset["image_url"]).raw).size == (1152, 864)


@pytest.mark.parametrize(
    "step",
    [Step(error="ServiceUnavailableException"), Step(stop="blocked"), Step(raw='{"images": ["aGVsbG8="]}'),
     Step(lost=True), Step(error="ValidationException")],
)  # fmt: skip
def test_a_model_that_fails_is_stood_in_for(member: Client, step: Step) -> None:
    with painter(step):
        answer = member.post(GENERATE, WISH)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert len(pixels(member.get(answer.body["image_url"]).raw).getcolors(1 << 24) or []) > 1


def test_a_model_that_is_down_is_not_waited_for_again_and_again(member: Client) -> None:
    with painter(*[Step(error="ServiceUnavailableException")] * 9) as asked:
        for _ in range(5):
            made(member)
        assert len(asked.asked) == painting.breaker.rules.failures


def test_a_reference_leads_the_model_in_the_pictures_own_pixels(member: Client) -> None:
    reference = f"data:image/jpeg;base64,{encoded(picture(kind='JPEG'))}"
    with painter() as asked:
        made(member, reference_image=reference)
    assert asked.asked[0].body["taskType"] == "IMAGE_VARIATION"
    (sent,) = asked.asked[0].body["imageVariationParams"]["images"]
    assert pixels(base64.b64decode(sent)).size == (1280, 720)


def test_a_reference_without_a_model_becomes_the_photograph(member: Client) -> None:
    asset = made(member, reference_image=encoded(picture(color="#00ff00")))
    red, green, blue = pixels(member.get(asset["image_url"]).raw).getpixel((1000, 20))  # type: ignore[misc]
    assert green > red + 100
    assert green > blue + 100


def test_a_repeated_request_with_one_key_paints_once(member: Client) -> None:
    first, second = (member.post(GENERATE, WISH, headers={"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.body, second.headers["idempotency-replayed"]) == (second.body, "true")
    assert len(files()) == 1


def test_a_job_that_runs_twice_keeps_one_design(platform: Client, organization: Organization) -> None:
    user, wish = make_user("agency_member", organization), DesignWish.model_validate(WISH)
    rows = in_threads(3, lambda _: generation.generate(wish, user, organization.id, id=NOBODY))
    again = generation.generate(wish, user, organization.id, id=NOBODY)
    assert [row for row in rows if not isinstance(row, DesignAsset) or row.image_file != again.image_file] == []
    assert store.count(DesignAsset, organization_id=organization.id) == 1
    assert stored_bytes(organization) == again.image_bytes
    with patch.object(design_files, "epoch", lambda: epoch() + 7200):
        design_files.sweep()
    assert (len(files()), loose()) == (1, [])
    assert storage.get(again.image_file) is not None


def test_without_a_bucket_there_is_a_503(member: Client) -> None:
    with use({"QUINTET_BUCKET": ""}):
        assert member.post(GENERATE, WISH).status == 503
