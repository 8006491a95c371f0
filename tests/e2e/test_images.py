"""Pictures are uploaded by multipart requests, and reach the platform as they are."""

import pytest

from tests.e2e.uploads import GIF, JPEG, PNG, upload
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

CALL = "/merchant/common/upload_img"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        pytest.param(PNG, "test.png", "test.png", id="the-manual-s-sample"),
        pytest.param(JPEG, "C:\\pictures\\a.JPEG", "a.JPEG", id="without-its-folder"),
        pytest.param(GIF, "animation.png", "animation.gif", id="by-its-bytes"),
        pytest.param(JPEG, "图片", "图片.jpg", id="with-an-ending"),
    ],
)
async def test_a_picture_is_sent_as_it_is(
    gateway: Client, sandbox: Sandbox, content: bytes, name: str, told: str
) -> None:
    payload = (await upload(gateway, content, name)).data["imageUpload"]

    assert payload["userErrors"] == []
    assert payload["url"].startswith("http://mmbiz.qpic.cn/mmbiz/")
    (sent,) = sandbox.requests(CALL)
    assert sent["query"] == {"filename": told}
    assert sent["body"] == f"{len(content)} bytes"
    assert payload["url"] in sandbox.shops("wechat_store")[sent["app_id"]]["images"]


async def test_the_caller_s_name_stands_above_the_file_s(gateway: Client, sandbox: Sandbox) -> None:
    await upload(gateway, PNG, "blob", filename="camera.png")

    assert sandbox.requests(CALL)[0]["query"] == {"filename": "camera.png"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"BM bitmap", "The file is no PNG, JPEG or GIF."),
        (b"<svg/>", "The file is no PNG, JPEG or GIF."),
    ],
)
async def test_what_is_no_picture_is_not_sent(
    gateway: Client, sandbox: Sandbox, content: bytes, message: str
) -> None:
    payload = (await upload(gateway, content)).data["imageUpload"]

    assert payload["url"] is None
    (error,) = payload["userErrors"]
    assert (error["code"], error["field"], error["message"]) == ("INVALID", ["file"], message)
    assert sandbox.requests(CALL) == []


async def test_a_file_over_the_limit_is_refused(serve: Serve, sandbox: Sandbox) -> None:
    async with serve(limits={"max_upload_bytes": 1_000}) as gateway:
        fits = await upload(gateway, PNG[:8] + bytes(992))
        large = await upload(gateway, PNG[:8] + bytes(993))

    assert fits.data["imageUpload"]["userErrors"] == []
    assert large.status == 413
    assert len(sandbox.requests(CALL)) == 1


async def test_a_refused_upload_is_told(gateway: Client, sandbox: Sandbox) -> None:
    sandbox.fault("errcode", 40009, path=CALL)

    payload = (await upload(gateway, PNG)).data["imageUpload"]

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("REJECTED_BY_PLATFORM", None)
    assert error["platformError"] == {"endpoint": "common.upload_img", "code": "40009"}


async def test_a_lost_upload_is_not_sent_twice(gateway: Client, sandbox: Sandbox) -> None:
    sandbox.fault("reset", path=CALL, after=True)

    payload = (await upload(gateway, PNG)).data["imageUpload"]

    (error,) = payload["userErrors"]
    assert error["code"] == "OUTCOME_UNKNOWN"
    assert error["message"].endswith("so upload the picture again.")
    assert sandbox.counts()[CALL] == 1


@pytest.mark.parametrize(
    ("shop", "code"), [("nowhere", "NOT_FOUND"), ("swan", "UNSUPPORTED_BY_PLATFORM")]
)
async def test_a_shop_without_uploads(gateway: Client, shop: str, code: str) -> None:
    payload = (await upload(gateway, PNG, shop=shop)).data["imageUpload"]

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [(code, ["shop"])]


async def test_a_form_that_any_page_could_send_is_refused(
    gateway: Client, sandbox: Sandbox
) -> None:
    answer = await upload(gateway, PNG, headers={})

    assert answer.status == 415
    assert answer.codes == ["BAD_USER_INPUT"]
    assert sandbox.requests(CALL) == []


async def test_a_file_is_no_json(gateway: Client) -> None:
    answer = await gateway.ask(
        'mutation { imageUpload(shop: "flagship", file: "x") { url } }',
    )

    assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"]
