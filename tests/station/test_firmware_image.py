"""Firmware images and their signatures."""

from datetime import UTC, datetime

import pytest

from support.certificates import Authority
from voltherd.station import chain, firmware_image, keys
from voltherd.station.firmware_image import BadImage, Image, build, is_signed, sign

AT = datetime.now(UTC)


@pytest.fixture(params=[False, True], ids=["ecdsa", "rsa"])
def maker(request, tmp_path):
    certificate, key = Authority(tmp_path, "Maker").issue("Firmware signing", rsa_key=request.param)
    return chain.read(certificate.read_text())[0], key.read_bytes()


def test_l01_fr_04_the_signature_over_the_whole_file_is_checked(maker):
    certificate, key = maker
    image = build("2.0.0", b"program")
    signature = sign(image, key)
    assert len(signature) <= 800
    assert is_signed(image, signature, certificate)
    assert not is_signed(image + b" ", signature, certificate)
    assert not is_signed(image, sign(image, keys.generate()), certificate)


@pytest.mark.parametrize("signature", ["", "AAAA", "no base64!"])
def test_nonsense_is_no_signature(maker, signature):
    assert not is_signed(b"image", signature, maker[0])


def test_an_image_tells_its_version():
    assert firmware_image.read(build("2.0.0", b"x", model="M"), model="M").version == "2.0.0"
    assert firmware_image.read(build("2.0.0", b"x"), model="any") == Image(
        version="2.0.0", digest="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    )


@pytest.mark.parametrize(
    "content",
    [b"", build("2", b"x", model="Other"), build("2", b"x") + b"y", b"VOLTHERD-FIRMWARE {", b"VOLTHERD-FIRMWARE []\nx"],
)
def test_l01_fr_29_damaged_and_foreign_images_are_found_out(content):
    with pytest.raises(BadImage):
        firmware_image.read(content, model="M")


def test_a_file_of_another_make_has_a_version_of_its_own():
    one = firmware_image.read(b"ELF...", model="M", name="fw-9.bin").version
    other = firmware_image.read(b"ELF..!", model="M", name="fw-9.bin").version
    assert one != other
    assert one.startswith("fw-9.bin-")
    assert len(one) <= 50
