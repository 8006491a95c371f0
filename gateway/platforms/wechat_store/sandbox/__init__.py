"""The WeChat Store's part of the sandbox, implemented from its manual (V1.17)."""

from gateway.platforms.wechat_store.sandbox.part import WechatStoreSandbox

SANDBOX = WechatStoreSandbox()
