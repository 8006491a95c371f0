"""Baidu's part of the sandbox: the order centre, implemented from its manual."""

from gateway.platforms.baidu.sandbox.part import BaiduSandbox

SANDBOX = BaiduSandbox()
