"""Files that stations fetch and bring, over real servers."""

import pytest

from support.certificates import Authority
from support.file_server import ftp_files, http_files
from voltherd.station.jobs import Download, Downloaded, TransferFailed, Upload, Uploaded
from voltherd.station.transfer import check_url, file_url, transfer


def ignore(_outcome):
    pass


def get(url, **more):
    return transfer(Download(url=url, on_done=ignore, **more))


def put(url, content=b"lines", name="log.txt", **more):
    return transfer(Upload(url=url, name=name, content=content, on_done=ignore, **more))


@pytest.fixture
def web():
    with http_files() as files:
        yield files


@pytest.fixture
def ftp():
    with ftp_files() as files:
        yield files


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("pki"))


async def test_a_file_is_fetched_whole_over_http(web):
    web.content["/fw/a.bin?x=1"] = bytes(range(256)) * 1000
    assert await get(web.url + "/fw/a.bin?x=1") == Downloaded(bytes(range(256)) * 1000)


async def test_a_file_that_is_not_there_is_a_failure(web):
    assert (await get(web.url + "/none")).failure == "Failed"


async def test_a_file_that_ends_early_is_a_failure(web):
    web.content["/a"], web.cut_after = b"0123456789", 4
    outcome = await get(web.url + "/a")
    assert isinstance(outcome, TransferFailed)
    assert "4 of 10" in outcome.text


async def test_a_file_that_is_too_large_is_not_kept(web):
    web.content["/a"] = bytes(200_000)
    assert (await get(web.url + "/a", most_bytes=199_999)).failure == "TooLarge"
    assert await get(web.url + "/a", most_bytes=200_000) == Downloaded(bytes(200_000))


async def test_downloads_follow_redirects_but_not_out_of_the_web(web):
    web.content["/there"] = b"it"
    web.redirect = "/there"
    assert await get(web.url + "/here") == Downloaded(b"it")
    web.redirect = "file:///there"
    assert (await get(web.url + "/here")).failure == "Redirected"


async def test_downloads_do_not_follow_redirects_for_ever(web):
    web.redirect = "/again"
    assert (await get(web.url + "/here")).failure == "Redirected"


async def test_n01_fr_25_user_and_password_of_the_url_are_used(web):
    web.content["/a"], web.user = b"it", ("jo", "s:ä%")
    assert (await get(web.url + "/a")).failure == "PermissionDenied"
    assert await get(web.url.replace("//", "//jo:s%3A%C3%A4%25@") + "/a") == Downloaded(b"it")


async def test_n01_fr_21_a_url_with_a_slash_at_its_end_gets_the_name_of_the_file(web):
    assert await put(web.url + "/logs/", name="a b.txt") == Uploaded(web.url + "/logs/a%20b.txt")
    assert web.content == {"/logs/a%20b.txt": b"lines"}
    assert web.seen[0][0] == "PUT"


async def test_n01_fr_29_any_other_url_is_used_as_it_came(web):
    await put(web.url + "/logs?for=CS%201")
    assert web.content == {"/logs?for=CS%201": b"lines"}


async def test_n01_fr_19_a_server_that_takes_no_put_gets_a_post_that_names_the_file(web):
    web.statuses["PUT"] = 405
    assert isinstance(await put(web.url + "/logs"), Uploaded)
    method, _, headers = web.seen[-1]
    assert method == "POST"
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == 'form-data; name="uploadfile"; filename="log.txt"'


async def test_n01_fr_30_an_upload_does_not_follow_redirects(web):
    web.redirect = "/there"
    assert (await put(web.url + "/logs")).failure == "Redirected"
    assert web.content == {}


@pytest.mark.parametrize(
    ("status", "failure"),
    [(400, "BadMessage"), (403, "PermissionDenied"), (500, "Failed"), (415, "BadMessage")],
)
async def test_n01_fr_10_the_reason_of_a_failed_upload_is_told(web, status, failure):
    web.statuses["PUT"] = status
    assert (await put(web.url + "/logs")).failure == failure


async def test_a_server_that_takes_neither_put_nor_post_does_not_support_it(web):
    web.statuses.update(PUT=405, POST=405)
    assert (await put(web.url + "/logs")).failure == "NotSupportedOperation"


async def test_nobody_at_the_address_is_a_failure():
    assert isinstance(await put("http://127.0.0.1:9/logs"), TransferFailed)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "/etc/passwd", "sftp://h/a", "http:///a", "http://h:port/a"])
async def test_urls_of_other_kinds_are_refused(url):
    assert (await get(url)).failure == "NotSupportedOperation"
    assert check_url(url) is not None


async def test_n01_fr_15_https_is_verified_against_the_roots_that_came_with_the_job(authority):
    with http_files(authority.issue("localhost")) as files:
        files.content["/a"] = b"it"
        assert isinstance(await get(files.url + "/a"), TransferFailed)
        assert await get(files.url + "/a", roots_pem=authority.file.read_text()) == Downloaded(b"it")


async def test_a_file_is_fetched_over_ftp(ftp):
    ftp.content["/fw/a.bin"] = bytes(300_000)
    assert await get(ftp.url + "/fw/a.bin") == Downloaded(bytes(300_000))
    assert (await get(ftp.url + "/none")).failure == "Failed"
    assert (await get(ftp.url + "/fw/a.bin", most_bytes=10)).failure == "TooLarge"


async def test_a_file_is_brought_over_ftp_with_user_and_password(ftp):
    ftp.user = ("jo", "secret")
    assert (await put(ftp.url + "/logs/")).failure == "PermissionDenied"
    with_user = ftp.url.replace("//", "//jo:secret@")
    assert await put(with_user + "/logs/") == Uploaded(ftp.url + "/logs/log.txt")
    assert ftp.content == {"/logs/log.txt": b"lines"}


async def test_an_ftp_url_names_a_directory_or_a_file(ftp):
    ftp.directories.add("logs")
    await put(ftp.url + "/logs")
    await put(ftp.url + "/other.txt")
    assert set(ftp.content) == {"/logs/log.txt", "/other.txt"}


async def test_an_ftp_server_that_forbids_writing_is_told(ftp):
    ftp.statuses["STOR"] = 553
    assert (await put(ftp.url + "/a")).failure == "PermissionDenied"


async def test_ftps_encrypts_both_channels_and_verifies_the_server(authority):
    with ftp_files(authority.issue("localhost")) as files:
        assert isinstance(await put(files.url + "/a"), TransferFailed)
        assert isinstance(await put(files.url + "/a", roots_pem=authority.file.read_text()), Uploaded)
        assert files.content == {"/a": b"lines"}
        assert ("PROT", "P", {}) in files.seen


async def test_a_cancelled_job_stops_and_tells_nobody(web):
    told = []
    job = Download(url=web.url + "/a", on_done=told.append)
    web.content["/a"] = bytes(10)
    job.cancel()
    outcome = await transfer(job)
    job.done(outcome)
    assert isinstance(outcome, TransferFailed)
    assert told == []


def test_a_name_is_quoted_in_a_url():
    assert file_url("http://h/d/", "a/b?.txt") == "http://h/d/a%2Fb%3F.txt"
    assert file_url("http://h/d", "a.txt") == "http://h/d"
    assert check_url("https://h/a") is None
