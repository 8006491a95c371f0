"""What no source tells stands in one table, and the sandbox follows whatever the table says."""

from dataclasses import replace

from gateway.platforms.baidu.sandbox.invented import Invented
from gateway.platforms.baidu.sandbox.part import BaiduSandbox
from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.sandbox.app import create_sandbox
from tests.fixtures_sandbox import served
from tests.sandbox.calls import ask_baidu, sample
from tests.sandbox.invented_tables import moved

SWAPPED = replace(moved(Invented()), token_error_status=400)


def test_the_order_centre_follows_the_table() -> None:
    with served(create_sandbox([BaiduSandbox(SWAPPED)])) as sandbox:
        former = sandbox.token(SWAN)
        assert ask_baidu(sandbox, "add.main.info", sample("baidu", "add.main.info.request"))
        path = "/rest/2.0/smartapp/ordercenter/app/update/main/status"
        void = sandbox.client.post(path, params={"access_token": former}).json()
        assert void["error_code"] == 110
        assert sandbox.client.post(path).json()["error_code"] == SWAPPED.missing_token
        wrong = sandbox.client.get("/oauth/2.0/token", params={"grant_type": "none"})
        assert wrong.status_code == 400
        appended = sample("baidu", "append.sub.info.request")
        for _ in range(2):
            ask_baidu(sandbox, "append.sub.info", appended)
        order = sandbox.shops("baidu")[SWAN.app_id]["orders"]["2221554346520"]
        assert len(order["subs"]["Items"]) == 1
