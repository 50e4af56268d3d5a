import pytest

from voltherd.domain.secrets import masked, without_pins


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"30\\"39"}]',
            '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"***"}]',
        ),
        (
            '{"configurationKey":[{"key":"AUTHORIZATIONKEY","readonly":false,"value":"3039"}]}',
            '{"configurationKey":[{"key":"AUTHORIZATIONKEY","readonly":false,"value":"***"}]}',
        ),
        ('{"key":"authorizationkey","value":"3039"}', '{"key":"authorizationkey","value":"***"}'),
        (
            '{"variables":[{"component":"securityctrlr","variable":"BASICAUTHPASSWORD","value":"s3cret"}]}',
            '{"variables":[{"component":"securityctrlr","variable":"BASICAUTHPASSWORD","value":"***"}]}',
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


@pytest.mark.parametrize(
    ("frame", "kept"),
    [
        ('{"idToken":{"idToken":"1234","type":"KeyCode"}}', '{"idToken":{"idToken":"***","type":"KeyCode"}}'),
        (
            '{"idToken":{"type" : "KeyCode", "idToken" : "1\\"2"}}',
            '{"idToken":{"type" : "KeyCode", "idToken" : "***"}}',
        ),
        (
            '[{"idToken":"CARD","type":"ISO14443"},{"idToken":"1234","type":"KeyCode"}]',
            '[{"idToken":"CARD","type":"ISO14443"},{"idToken":"***","type":"KeyCode"}]',
        ),
        (
            '{"idToken":"1234","additionalInfo":[{"additionalIdToken":"9","type":"x"}],"type":"KeyCode"}',
            '{"idToken":"***","additionalInfo":[{"additionalIdToken":"***","type":"x"}],"type":"KeyCode"}',
        ),
        ('{"idToken":"CARD","type":"ISO14443"}', '{"idToken":"CARD","type":"ISO14443"}'),
    ],
)
def test_c04_fr_04_no_log_shows_a_pin(frame: str, kept: str) -> None:
    assert without_pins(frame) == kept
