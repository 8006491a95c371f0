"""The Weixin Store's part of the sandbox, implemented from the reference alone."""

from gateway.platforms.weixin_store.sandbox.part import WeixinStoreSandbox

SANDBOX = WeixinStoreSandbox()
