"""Who may ask what: bearer tokens, and a role for every path."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from voltherd.domain.access import Role
from voltherd.domain.errors import Denied
from voltherd.services.access import Access

PUBLIC = "public"
ROLE = "role"
_RANK: dict[str, int] = {"viewer": 0, "operator": 1, "admin": 2}


class BearerAuthentication(AbstractAuthenticationMiddleware):
    """Takes the API key or session token from the header; never from the URL, where it would leak into logs."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        super().__init__(app, exclude_from_auth_key=PUBLIC, scopes={ScopeType.HTTP})
        self._access = access

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Find the caller. Raises Denied."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if not token:
            raise Denied("Sign in, or send an API key: `Authorization: Bearer <key>`.")
        caller = self._access.verify(token.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            raise Denied("This key or session is not known, or has expired.")
        return AuthenticationResult(user=caller, auth=token.strip())


def needed_role(method: str, opt: dict[str, Any]) -> Role:
    """Give the least role for a path: what it names, else viewer for reading and operator for writing."""
    role: Role | None = opt.get(ROLE)
    return role or ("viewer" if method in ("GET", "HEAD") else "operator")


def role_guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse callers whose role is too small. Raises Denied."""
    if handler.opt.get(PUBLIC) or connection.scope.get("method") == "OPTIONS":
        return
    needed = needed_role(str(connection.scope.get("method")), handler.opt)
    caller = connection.user
    if _RANK[caller.role] < _RANK[needed]:
        raise Denied(f"This needs the role {needed}; {caller.name} has the role {caller.role}.", signed_in=True)
