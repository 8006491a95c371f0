"""The Mini Program's part of the sandbox: shopping list and partner orders, from the manuals."""

from gateway.platforms.mini_program.sandbox.part import MiniProgramSandbox

SANDBOX = MiniProgramSandbox()
