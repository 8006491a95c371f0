"""Personal data in free text is hidden; what only resembles it stays."""

import json
from urllib.parse import quote

import pytest

from gateway.personal_patterns import hide_personal


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("13800138000", "[…]"),
        ("号码+86 138-0013-8000无效", "号码[…]无效"),
        ("(+86)13800138000", "[…]"),
        ("+8613800138000", "[…]"),
        ("8613800138000", "[…]"),
        ("008613800138000", "[…]"),
        ("138 0013 8000 is wrong", "[…] is wrong"),
        ("1380 013 8000", "[…]"),
        ("138 001 38000", "[…]"),
        ("010-12345678", "[…]"),
        ("010-62345678", "[…]"),
        ("call 0755 8765 4321", "call […]"),
        ("(021)6543-2109", "[…]"),
        ("（0571）87654321", "[…]"),
        ("+86 10 8888 9999", "[…]"),
        ("021-65432109转8001", "[…]"),
        ("电话010-12345678无效", "电话[…]无效"),
        ("tel: 010 1234", "tel: […] 1234"),
        ("手机号：12345", "手机号：[…]"),
        ('{"mobile": "138****8000"}', '{"mobile": "[…]"}'),
        ("11010119900307123X", "[…]"),
        ("身份证号110101199003071234不符", "身份证号[…]不符"),
        ("440308 19991231 001x", "[…]"),
        ("收件人张三的手机号13800138000不正确", "收件人[…]的手机号[…]不正确"),
        ("收货人：李四，请核对", "收货人：[…]，请核对"),
        ("联系人为欧阳娜娜", "联系人为[…]"),
        ("买家「王小明」拒收", "买家「[…]」拒收"),
        ("昵称=小白兔 不合法", "昵称=[…] 不合法"),
        ("receiver name: John Smith", "receiver name: […]"),
        ('{"receiver_name":"王小明"}', '{"receiver_name":"[…]"}'),
        ('{\\"consignee\\":\\"王小明\\"}', '{\\"consignee\\":\\"[…]\\"}'),
        ("name: 王小明", "name: […]"),
        ("张三先生已签收", "[…]先生已签收"),
        ("地址：广东省广州市海珠区新港中路397号", "地址：[…]"),
        ("收货地址北京市朝阳区建国路88号院1号楼2003室", "[…]"),
        ("送往 新港中路397号5栋", "送往 […]"),
        ("openid oDF3iYsandboxbuyer0000000000 is invalid", "openid […] is invalid"),
        ("no user oDF3iYsandboxbuyer0000000000", "no user […]"),
        ("openid=short-1", "openid=[…]"),
        ("openId: short-1", "openId: […]"),
        ("user_open_id:short-1", "user_open_id:[…]"),
        ("write to zhang.san@example.com", "write to […]"),
    ],
)
def test_what_names_a_person_is_hidden(text: str, hidden: str) -> None:
    assert hide_personal(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "",
        "invalid order id",
        "收件人姓名不能为空",
        "收货人信息错误",
        "用户不存在",
        "买家已取消订单",
        "买家地址不完整",
        "市场监督管理局要求补充资料",
        "order 3705115058471208928 not found",
        "order 20231130123456789",
        "amount 13800138000123",
        "hotline 400-123-4567",
        "at 2026-11-30T01:02:03.123456Z, 1700000000.5",
        "rid: 6543f0a1-13800138, 0abc013800138000ff",
        "product pDF3iY6Kr_BV_CXaiYysoGqJhppQ",
        '{"name":"旗舰店","shop":"flagship","ms":12.5}',
        "the platform answered HTTP 503 with an HTML page of 1234 bytes",
    ],
)
def test_what_is_about_things_stays(text: str) -> None:
    assert hide_personal(text) == text


@pytest.mark.parametrize("value", ["13800138000", "11010119900307123X", "王小明"])
def test_a_value_is_hidden_in_the_encodings_that_logs_have(value: str) -> None:
    in_json = json.dumps({"receiver": value}, ensure_ascii=False)

    assert value not in hide_personal(in_json)
    assert value not in hide_personal(json.dumps(in_json, ensure_ascii=False))
    assert json.dumps(value) not in hide_personal(json.dumps({"receiver": value}))
    assert value not in hide_personal(f"receiver={value}&x=1")
    assert quote(value) not in hide_personal(f"receiver={quote(value)}&x=1")
