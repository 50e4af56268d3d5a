"""Signing in and out, users, API keys."""

from litestar import Controller, delete, get, post, put
from litestar.params import FromPath

from voltherd.api import examples
from voltherd.api.auth import PUBLIC, ROLE
from voltherd.api.describe import Doc, described
from voltherd.api.request import ApiRequest, instant_ms, number_of
from voltherd.api.views.access import (
    KeyMade,
    KeyView,
    LoginBody,
    Me,
    NewKey,
    NewUser,
    PasswordBody,
    SessionView,
    SetupBody,
    UserChanges,
    UserView,
    key_made,
    key_view,
    me_view,
    session_view,
    user_view,
)
from voltherd.api.views.listed import Listed

SESSIONS, USERS, KEYS = "Sessions", "Users", "API keys"


class SessionsController(Controller):
    """How people come in."""

    path = "/"

    @post(
        "/setup",
        status_code=201,
        opt=described(
            Doc(
                tag=SESSIONS,
                summary="Make the first administrator",
                description="With the one-time token of the link that the server prints on its first start. "
                "Possible as long as there are no users.",
                body=SetupBody,
                body_example={"token": "from-the-link", "username": "anna", "password": "correct horse battery"},
                answer=SessionView,
                example=examples.SESSION,
                errors=(400, 401),
            ),
            **{PUBLIC: True},
        ),
    )
    async def setup(self, request: ApiRequest) -> SessionView:
        body = await request.read(SetupBody)
        return session_view(await request.api.access.setup(body.token, body.username, body.password))

    @post(
        "/login",
        status_code=200,
        opt=described(
            Doc(
                tag=SESSIONS,
                summary="Sign in",
                description="Gives the token of a session, which expires after 12 hours. Attempts are slowed down "
                "when they fail often; nothing is locked.",
                body=LoginBody,
                body_example={"username": "anna", "password": "correct horse battery"},
                answer=SessionView,
                example=examples.SESSION,
                errors=(400, 401, 429),
            ),
            **{PUBLIC: True},
        ),
    )
    async def login(self, request: ApiRequest) -> SessionView:
        body = await request.read(LoginBody)
        peer = request.client.host if request.client else ""
        return session_view(await request.api.access.login(body.username, body.password, peer))

    @post(
        "/logout",
        status_code=204,
        opt=described(
            Doc(
                tag=SESSIONS,
                summary="Sign out",
                description="Ends the session of the token in the header.",
                errors=(409,),
            ),
            **{ROLE: "viewer"},
        ),
    )
    async def logout(self, request: ApiRequest) -> None:
        await request.api.access.logout(request.caller)

    @get(
        "/me",
        opt=described(
            Doc(
                tag=SESSIONS,
                summary="Show who is asking",
                description="Name, role and expiry of the session or key in the header.",
                answer=Me,
                example=examples.ME,
            )
        ),
    )
    async def me(self, request: ApiRequest) -> Me:
        return me_view(request.caller)

    @put(
        "/me/password",
        status_code=204,
        opt=described(
            Doc(
                tag=SESSIONS,
                summary="Change one's own password",
                description="Other sessions of the same person end.",
                body=PasswordBody,
                body_example={"current": "correct horse battery", "new": "even better than before"},
                errors=(400, 409, 429),
            ),
            **{ROLE: "viewer"},
        ),
    )
    async def change_password(self, request: ApiRequest) -> None:
        body = await request.read(PasswordBody)
        await request.api.access.change_password(request.caller, body.current, body.new)


class UsersController(Controller):
    """`/users`."""

    path = "/users"

    @get(
        opt=described(
            Doc(
                tag=USERS,
                summary="List users",
                description="All of them, by name.",
                answer=Listed[UserView],
                example=examples.page(examples.USER),
            )
        )
    )
    async def list_users(self, request: ApiRequest) -> Listed[UserView]:
        return Listed(items=[user_view(user) for user in request.api.access.users(request.tenant_id)])

    @post(
        status_code=201,
        opt=described(
            Doc(
                tag=USERS,
                summary="Create a user",
                description="Roles: `viewer` reads; `operator` also acts on stations, tokens and transactions; "
                "`admin` also manages users, keys and settings.",
                body=NewUser,
                body_example={"username": "anna", "password": "correct horse battery", "role": "operator"},
                answer=UserView,
                example=examples.USER,
                errors=(400, 409),
            ),
            **{ROLE: "admin"},
        ),
    )
    async def create_user(self, request: ApiRequest) -> UserView:
        body = await request.read(NewUser)
        user = await request.api.access.add_user(
            body.username, body.password, body.role, who=request.caller.name, tenant_id=request.tenant_id
        )
        return user_view(user)

    @get(
        "/{user_id:str}",
        opt=described(
            Doc(
                tag=USERS,
                summary="Show a user",
                description="Name and role.",
                answer=UserView,
                example=examples.USER,
                errors=(404,),
            )
        ),
    )
    async def show_user(self, request: ApiRequest, user_id: FromPath[str]) -> UserView:
        return user_view(request.api.access.user(number_of(user_id, "user"), request.tenant_id))

    @put(
        "/{user_id:str}",
        opt=described(
            Doc(
                tag=USERS,
                summary="Change a user",
                description="Role or password; fields left out stay as they are. A new password ends the user's "
                "sessions. The last administrator keeps the role.",
                body=UserChanges,
                body_example={"role": "viewer"},
                answer=UserView,
                example={**examples.USER, "role": "viewer"},
                errors=(400, 404, 409),
            ),
            **{ROLE: "admin"},
        ),
    )
    async def change_user(self, request: ApiRequest, user_id: FromPath[str]) -> UserView:
        number, body = number_of(user_id, "user"), await request.read(UserChanges)
        user = await request.api.access.change_user(
            number, password=body.password, role=body.role, who=request.caller.name, tenant_id=request.tenant_id
        )
        return user_view(user)

    @delete(
        "/{user_id:str}",
        opt=described(
            Doc(
                tag=USERS,
                summary="Delete a user",
                description="Their sessions end at once. The last administrator stays.",
                errors=(404, 409),
            ),
            **{ROLE: "admin"},
        ),
    )
    async def delete_user(self, request: ApiRequest, user_id: FromPath[str]) -> None:
        await request.api.access.remove_user(
            number_of(user_id, "user"), who=request.caller.name, tenant_id=request.tenant_id
        )


class KeysController(Controller):
    """`/api-keys`."""

    path = "/api-keys"

    @get(
        opt=described(
            Doc(
                tag=KEYS,
                summary="List API keys",
                description="Names and roles; the texts of the keys are kept nowhere.",
                answer=Listed[KeyView],
                example=examples.page(examples.KEY),
            )
        )
    )
    async def list_keys(self, request: ApiRequest) -> Listed[KeyView]:
        return Listed(items=[key_view(key) for key in request.api.access.keys(request.tenant_id)])

    @post(
        status_code=201,
        opt=described(
            Doc(
                tag=KEYS,
                summary="Create an API key",
                description="`key` is told in this answer only.",
                body=NewKey,
                body_example={"name": "energy dashboard", "role": "viewer"},
                answer=KeyMade,
                example={**examples.KEY, "key": "vh_told-this-once"},
                errors=(400,),
            ),
            **{ROLE: "admin"},
        ),
    )
    async def create_key(self, request: ApiRequest) -> KeyMade:
        body = await request.read(NewKey)
        key, text = await request.api.access.add_key(
            body.name,
            body.role,
            who=request.caller.name,
            expires_at_ms=instant_ms(body.expires_at, "$.expires_at"),
            tenant_id=request.tenant_id,
        )
        return key_made(key, text)

    @delete(
        "/{key_id:str}",
        opt=described(
            Doc(
                tag=KEYS,
                summary="Delete an API key",
                description="It stops working at once.",
                errors=(404,),
            ),
            **{ROLE: "admin"},
        ),
    )
    async def delete_key(self, request: ApiRequest, key_id: FromPath[str]) -> None:
        await request.api.access.remove_key(
            number_of(key_id, "API key"), who=request.caller.name, tenant_id=request.tenant_id
        )
