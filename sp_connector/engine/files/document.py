"""From bytes to lines of text: compression, character set, line ends, fingerprint.

A document is opened as often as it is needed and read in pieces, so memory does not grow with
the file. The character set is found in this order: byte order mark, declared charset, strict
UTF-8, then cp932 for yen files and cp1252 for all others.
ISO-8859-1 is never tried first, nor believed where the bytes are UTF-8: it cannot fail and garbles
in silence.

Facts: docs/facts/settlement-files.md, "Bytes" and "Character sets".
"""

import codecs
import gzip
import hashlib
import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from ..errors import BadDocument, Sentence, say

MAX_BYTES = 512 * 1024**2  # unpacked; the largest file known has 10.7 MB for 55,000 rows
MAX_LINES = 5_000_000
MAX_LINE = 1024**2
#: Settlements are packed to a tenth or a fiftieth; more than this, of a large file, is an attack.
MAX_RATIO, FREE_BYTES = 250, 16 * 1024**2
MAX_MEMBERS = 1000
_CHUNK = 64 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),  # "Unicode text" of a spreadsheet
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Names Amazon has sent in Content-Type that Python does not know ("Character sets").
_DECLARED = {"cp1252": "cp1252", "windows-31j": "cp932", "utf8": "utf-8"}
_YEN = re.compile(rb"[\t,;\"]JPY[\t,;\"\r\n]|Amazon\.co\.jp")
#: Control characters of ISO-8859; letters of Windows and of Japanese.
_CONTROLS = re.compile(rb"[\x80-\x9f]").search
#: What reading damaged bytes raises: gzip, zlib and zipfile.
_DAMAGE = (EOFError, OSError, zlib.error)
_UNREADABLE = (*_DAMAGE, zipfile.BadZipFile, RuntimeError, ValueError)
DAMAGED = (
    "damaged",
    say("The file breaks off: its compressed data are incomplete. Download it again."),
)
_DAMAGED_ZIP = (
    "damaged_zip",
    say("The ZIP archive is damaged. Pack or download it again."),
)
_WORKBOOK = say("an Excel workbook")
_AS_IT_IS = say(
    "Upload the file as Amazon gives it: Seller Central, Payments, All Statements, Download Flat "
    "File V2."
)
#: The bytes, or a function that opens them anew as a binary stream.
Source = bytes | Callable[[], BinaryIO]


class StartOver(Exception):
    """What was taken for granted is not so, and now is known: read once more."""


def _undefined_bytes(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that a charset leaves undefined as ISO-8859-1 does: nothing is lost."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("sp_connector.latin1", _undefined_bytes)


class Document:
    """One report file. Nothing is read before it is asked for.

    :param name: file name, for messages
    :param source: the bytes, or a function that opens them anew as a binary stream
    :param charset: what the download's Content-Type declared, if anything
    :param damage: code and sentence for bytes that break off
    :raises BadDocument: here and wherever bytes are read: they are empty, damaged, too many, or of
        a kind that never is a settlement
    """

    def __init__(
        self,
        name: str,
        source: Source,
        charset: str | None = None,
        damage: tuple[str, Sentence] = DAMAGED,
    ) -> None:
        self.name = name
        self._source = _opener(source)
        self._declared = _known(charset)
        self._damage = damage
        self._sha256, self._size, self._encoding = "", 0, ""
        try:
            with self._source() as stream:
                self._gzip = stream.read(2) == b"\x1f\x8b"
        except _UNREADABLE as error:
            raise BadDocument(*damage) from error

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the content as it was before compression."""
        self.inspect()
        return self._sha256

    @property
    def size(self) -> int:
        """Bytes of the content as it was before compression."""
        self.inspect()
        return self._size

    @property
    def encoding(self) -> str:
        """Python's name of the character set."""
        if not self._encoding:
            self._find_charset()
        return self._encoding

    def inspect(self) -> None:
        """Read to the end, once: fingerprint and size. A first reading of the lines does it too."""
        if not self._sha256:
            for _chunk in self._chunks():
                pass

    def read(self) -> bytes:
        """Return the bytes as they were received."""
        with self.stream() as stream:
            return stream.read()

    def stream(self) -> BinaryIO:
        """Open the bytes as they were received, for keeping the file."""
        return self._source()

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield (line number from 1, text without its line end); see ``pages``."""
        _found = self.encoding  # now, so that nothing starts over
        for number, lines in self.pages():
            yield from enumerate(lines, number)

    def pages(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (number of the first line from 1, lines without their ends), page by page.

        LF, CRLF and CR all end a line. Until the character set is known the text is taken for
        UTF-8, which nearly all files are.

        :raises StartOver: it is not; now the character set is known, so read again
        :raises BadDocument: the bytes break off, or a line is absurdly long
        """
        encoding = self._encoding or self._evident_charset()
        # For every charset: an odd byte must not lose the row, the sum still proves it.
        errors = "replace" if encoding.startswith("utf-16") else "sp_connector.latin1"
        decode = codecs.getincrementaldecoder(encoding or "utf-8")
        decoder = decode(errors if encoding else "strict")
        # Blank lines by the million cost next to nothing: lines are split by the page.
        text = io.IncrementalNewlineDecoder(decoder, translate=True)
        number, rest = 1, ""
        for chunk in itertools.chain(self._chunks(), [b""]):
            try:
                *lines, rest = (rest + text.decode(chunk, final=not chunk)).split("\n")
            except UnicodeDecodeError:
                if encoding:
                    raise _not_text() from None
                self._find_charset()
                raise StartOver from None
            except UnicodeError as error:
                raise _not_text() from error
            if max(len(rest), len(lines[0]) if lines else 0) >= MAX_LINE:
                raise BadDocument("not_text", say("This line has no end: not a text file."), number)
            if lines:
                yield number, lines
            number += len(lines)
        self._encoding = encoding or "utf-8"
        if rest:
            yield number, [rest]

    def _open(self) -> BinaryIO:
        stream = self._source()
        if not self._gzip:
            return stream
        unpacked = gzip.GzipFile(fileobj=stream)
        unpacked.myfileobj = stream  # type: ignore[assignment] # closed together with it
        return cast(BinaryIO, unpacked)

    def _chunks(self) -> Iterator[bytes]:
        """Yield the unpacked bytes in pieces; who reads to the end learns fingerprint and size."""
        digest = None if self._sha256 else hashlib.sha256()
        size = lines = 0
        has_text = False
        try:
            with self._open() as stream:
                while chunk := stream.read(_CHUNK):
                    if not size:
                        _refuse_by_magic(chunk)
                        has_text = bool(chunk.strip())
                    size += len(chunk)
                    if digest:
                        lines += max(chunk.count(b"\n"), chunk.count(b"\r"))
                        self._refuse_by_size(size, lines)
                        digest.update(chunk)
                    yield chunk
        except _UNREADABLE as error:
            raise BadDocument(*self._damage) from error
        if not has_text:
            raise BadDocument(
                "empty", say("The file is empty. Download the settlement again (Flat File V2).")
            )
        if digest:
            self._sha256, self._size = digest.hexdigest(), size

    def _head(self) -> bytes:
        """Return the first piece of the content."""
        chunks = self._chunks()
        try:
            return next(chunks, b"")
        finally:
            chunks.close()  # type: ignore[attr-defined]

    def _evident_charset(self) -> str:
        """Return the character set that can be told without reading all bytes, or ``""``."""
        head = self._head()
        for bom, name in _BOMS:
            if head.startswith(bom):
                return name
        declared = self._declared
        # A European charset cannot fail: declared for what is UTF-8, it would garble in silence.
        return declared if declared and declared != "utf-8" and not _is_european(declared) else ""

    def _find_charset(self) -> None:
        """Read all bytes to find their character set."""
        if evident := self._evident_charset():
            self._encoding = evident
            return
        utf8, cp932 = _Validity("utf-8"), _Validity("cp932")
        head, has_controls = b"", False
        for chunk in self._chunks():
            head = head or chunk
            utf8.feed(chunk)
            cp932.feed(chunk)
            has_controls = has_controls or bool(_CONTROLS(chunk))
        declared, is_yen = self._declared, bool(_YEN.search(head))
        if utf8.end():
            self._encoding = "utf-8"
        elif (
            declared
            and declared != "utf-8"
            # Where its letters would be control characters, it is not what was declared.
            and not (has_controls and (declared[:3] == "iso" or is_yen and cp932.end()))
        ):
            self._encoding = declared
        else:
            self._encoding = "cp932" if is_yen else "cp1252"

    def _refuse_by_size(self, size: int, lines: int) -> None:
        """Stop before work and memory grow beyond what any settlement needs."""
        if size > MAX_BYTES or lines > MAX_LINES:
            raise BadDocument(
                "too_large",
                say(
                    "The file is larger than %(size)s MB or %(lines)s lines.",
                    size=MAX_BYTES >> 20,
                    lines=f"{MAX_LINES:,}",
                ),
            )
        if self._gzip and size > FREE_BYTES:
            with self._source() as stream:
                packed = stream.seek(0, io.SEEK_END)
            if size > packed * MAX_RATIO:
                raise _too_dense()


class _Validity:
    """Tells whether bytes that come in pieces are valid in a character set."""

    def __init__(self, charset: str) -> None:
        self._decoder = codecs.getincrementaldecoder(charset)()
        self._valid = True

    def feed(self, chunk: bytes, final: bool = False) -> None:
        if self._valid:
            try:
                self._decoder.decode(chunk, final)
            except UnicodeDecodeError:
                self._valid = False

    def end(self) -> bool:
        self.feed(b"", final=True)
        return self._valid


def open_all(
    name: str, source: Source, charset: str | None = None
) -> Iterator[tuple[str, Callable[[], Document]]]:
    """Yield (name, function that builds its Document) for a file or each file in a ZIP archive.

    :param source: the bytes, or a function that opens them anew as a binary stream
    :raises BadDocument: the archive itself cannot be read
    """
    opener = _opener(source)
    with opener() as stream:
        is_zip = stream.read(4) == b"PK\x03\x04"
    if not is_zip:
        yield name, lambda: Document(name, source, charset)
        return
    try:
        with opener() as stream, zipfile.ZipFile(stream) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
    # zipfile says NotImplementedError to an archive of a later version or kind.
    except (zipfile.BadZipFile, *_DAMAGE, ValueError, NotImplementedError) as error:
        raise BadDocument(*_DAMAGED_ZIP) from error
    if any(info.filename == "[Content_Types].xml" for info in members):
        raise BadDocument(
            "spreadsheet",
            say("This is %(kind)s. %(advice)s", kind=_WORKBOOK, advice=_AS_IT_IS),
        )
    if len(members) > MAX_MEMBERS:
        raise BadDocument(
            "too_large", say("The ZIP archive holds more than %(count)s files.", count=MAX_MEMBERS)
        )
    # What macOS adds to archives is not the user's file.
    members = [info for info in members if not info.filename.startswith("__MACOSX/")]
    if not members:
        raise BadDocument("empty", say("The ZIP archive holds no file."))
    if sum(info.file_size for info in members) > MAX_BYTES:
        raise BadDocument(
            "too_large",
            say(
                "The files of the ZIP archive are larger than %(size)s MB together. Upload them in "
                "several archives.",
                size=MAX_BYTES >> 20,
            ),
        )
    for info in members:
        yield info.filename.rsplit("/", 1)[-1], _member(opener, info)


def _opener(source: Source) -> Callable[[], BinaryIO]:
    return (lambda: io.BytesIO(source)) if isinstance(source, bytes) else source


def _member(opener: Callable[[], BinaryIO], info: zipfile.ZipInfo) -> Callable[[], Document]:
    """Return a function that builds the Document of one file in an archive."""

    def build() -> Document:
        if info.flag_bits & 1:
            raise BadDocument("encrypted", say("The ZIP archive is encrypted. Unpack it first."))
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadDocument(
                "damaged_zip", say("The ZIP archive is of a rare kind. Unpack it first.")
            )
        if info.file_size > max(FREE_BYTES, info.compress_size * MAX_RATIO):
            raise _too_dense()
        name = info.filename.rsplit("/", 1)[-1]
        source = lambda: cast(BinaryIO, _OpenMember(opener(), info))  # noqa: E731
        return Document(name, source, damage=_DAMAGED_ZIP)

    return build


class _OpenMember(io.BufferedReader):
    """One file of an archive, unpacked while it is read: memory does not grow with it."""

    def __init__(self, stream: BinaryIO, info: zipfile.ZipInfo) -> None:
        self._owners: list[BinaryIO | zipfile.ZipFile] = [stream]
        try:
            archive = zipfile.ZipFile(stream)
            self._owners.insert(0, archive)
            super().__init__(cast(io.RawIOBase, archive.open(info)))
        except BaseException:
            self._close_owners()
            raise

    def close(self) -> None:  # pylint: disable=missing-return
        super().close()
        self._close_owners()

    def _close_owners(self) -> None:
        for owner in self._owners:
            owner.close()


def _too_dense() -> BadDocument:
    return BadDocument(
        "too_large",
        say(
            "The file is packed to less than a %(ratio)sth of its size, as no settlement is. "
            "Unpack it and upload the text.",
            ratio=MAX_RATIO,
        ),
    )


def _not_text() -> BadDocument:
    return BadDocument(
        "not_text", say("The file is not text. Download the settlement again (Flat File V2).")
    )


def _is_european(charset: str) -> bool:
    return charset.startswith(("iso8859", "cp125"))


def _known(charset: str | None) -> str | None:
    if not charset:
        return None
    name = _DECLARED.get(charset.strip().strip('"').lower(), charset)
    try:
        b"x".decode(name, "replace")  # also refuses what is no character set, such as «hex»
        return codecs.lookup(name).name
    except (LookupError, UnicodeError):
        return None


def _refuse_by_magic(head: bytes) -> None:
    if head.startswith(b"%PDF"):
        kind = say("a PDF")
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        kind = _WORKBOOK
    elif b"\x00" in head[:1024] and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        kind = say("a program's own format, not text")
    else:
        return
    raise BadDocument(
        "not_text",
        say("This is %(kind)s. %(advice)s", kind=kind, advice=_AS_IT_IS),
    )
