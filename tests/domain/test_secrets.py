import pytest

from voltherd.domain.secrets import masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"30\\"39"}]',
            '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"***"}]',
        ),
        (
            '{"setVariableData":[{"attributeValue": "s3cret","variable":{"name":"BasicAuthPassword"}}]}',
            '{"setVariableData":[{"attributeValue": "***","variable":{"name":"BasicAuthPassword"}}]}',
        ),
    ],
)
def test_a_password_is_not_read_in_a_record(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_other_values_stay() -> None:
    text = '{"key":"HeartbeatInterval","value":"300"}'
    assert masked(text) is text
