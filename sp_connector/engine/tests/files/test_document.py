"""Bytes → text: compression, byte order marks, character sets, archives."""

import codecs
import gzip
import hashlib
import io
import tempfile
import tracemalloc
import unittest
import warnings
import zipfile
from pathlib import Path
from unittest.mock import patch

from ...errors import BadDocument
from ...files import document
from ...files.document import MAX_LINE, Document, open_all
from ...lines.flat_file import open_reports
from ..helpers import codes, head, row, sample, table

TEXT = "settlement-id\tname\n1\tTee\n"


def text_of(document):
    return [text for _number, text in document.lines()]


def archive(*members, method=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as packed:
        for name, data in members:
            packed.writestr(name, data)
    return stream.getvalue()


class TestRefusal(unittest.TestCase):
    def refused(self, data, name="file.txt"):
        with self.assertRaises(BadDocument) as caught:
            for _member, build in open_all(name, data):
                list(build().lines())
        return caught.exception.problem


class TestCompression(TestRefusal):
    def test_gzip_is_unpacked(self):
        packed = gzip.compress(TEXT.encode())
        document = Document("a.gz", packed)
        self.assertEqual("".join(line + "\n" for line in text_of(document)), TEXT)
        self.assertEqual(document.size, len(TEXT))
        self.assertEqual(document.read(), packed, "the file is kept as it was received")

    def test_fingerprint_is_that_of_the_content(self):
        digest = hashlib.sha256(TEXT.encode()).hexdigest()
        self.assertEqual(Document("a", TEXT.encode()).sha256, digest)
        self.assertEqual(Document("a.gz", gzip.compress(TEXT.encode())).sha256, digest)

    def test_truncated_gzip_is_refused_wherever_it_is_cut(self):
        packed = gzip.compress(sample("v2_uk_gbp.txt"))
        for cut in (3, 10, 11, len(packed) // 2, len(packed) - 8, len(packed) - 1):
            with self.subTest(cut):
                self.assertIn(self.refused(packed[:cut]).code, ("damaged", "empty"))

    def test_gzip_with_a_wrong_checksum_is_refused(self):
        packed = bytearray(gzip.compress(TEXT.encode()))
        packed[-6] ^= 1
        self.assertEqual(self.refused(bytes(packed)).code, "damaged")

    def test_gzip_of_nothing_is_empty(self):
        self.assertEqual(self.refused(gzip.compress(b"")).code, "empty")

    def test_gzip_in_gzip_is_not_text(self):
        self.assertEqual(self.refused(gzip.compress(gzip.compress(TEXT.encode()))).code, "not_text")


class TestCharset(TestRefusal):
    def encoding(self, data, charset=None):
        return Document("file.txt", data, charset).encoding

    def test_utf8_before_all_guesses(self):
        data = "settlement-id\tJPY\tお茶 ü\n".encode()
        self.assertEqual(self.encoding(data), "utf-8")
        self.assertIn("お茶 ü", text_of(Document("a", data))[0])

    def test_cp932_for_yen(self):
        data = "settlement-id\tcurrency\tsku\n1\tJPY\t表示-ソ\n".encode("cp932")
        self.assertEqual(self.encoding(data), "cp932")
        self.assertIn("表示-ソ", text_of(Document("a", data))[1])
        data = "x\tAmazon.co.jp\t表示\n".encode("cp932")
        self.assertEqual(self.encoding(data), "cp932")

    def test_cp1252_for_all_others(self):
        data = "settlement-id\tEUR\tGröße – 5 €\n".encode("cp1252")
        self.assertEqual(self.encoding(data), "cp1252")
        self.assertIn("Größe – 5 €", text_of(Document("a", data))[0])

    def test_yen_in_other_words_is_no_yen_file(self):
        self.assertEqual(self.encoding("a\tXJPYX\tGröße\n".encode("cp1252")), "cp1252")

    def test_bytes_that_no_charset_has_are_kept(self):
        for data in (b"EUR\t\x81\x8d\xe9\n", b"a\tJPY\t\xa0\x80\xff\n"):
            (line,) = text_of(Document("a", data))
            self.assertNotIn("\ufffd", line)
            self.assertEqual(line.count("\t"), data.count(b"\t"))

    def test_byte_order_marks(self):
        self.assertEqual(text_of(Document("a", codecs.BOM_UTF8 + TEXT.encode())), TEXT.splitlines())
        for bom, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
            document = Document("a", bom + TEXT.encode(name))
            self.assertEqual(text_of(document), TEXT.splitlines())

    def test_byte_order_mark_with_an_odd_byte_still_is_utf8(self):
        document = Document("a", codecs.BOM_UTF8 + "Tee – ü".encode() + b"\xff\n")
        self.assertEqual(text_of(document), ["Tee – üÿ"])

    def test_declared_charset_is_believed(self):
        data = "settlement-id\tGröße\n".encode("iso-8859-15")
        for charset in ("Cp1252", '"windows-1252"', "ISO-8859-1"):
            self.assertIn("Größe", text_of(Document("a", data, charset))[0])
        self.assertEqual(self.encoding("表示\n".encode("cp932"), "Windows-31J"), "cp932")
        self.assertEqual(self.encoding("表示\n".encode("cp932"), "Shift_JIS"), "shift_jis")

    def test_declared_utf8_that_is_not_is_not_believed(self):
        data = "settlement-id\tGröße\n".encode("cp1252")
        for charset in ("UTF-8", "utf8"):
            self.assertEqual(self.encoding(data, charset), "cp1252")

    def test_utf_8_declared_as_a_charset_that_cannot_fail_stays_utf_8(self):
        for charset in ("ISO-8859-1", "Cp1252", "ISO-8859-15"):
            self.assertEqual(self.encoding("Größe 漢字".encode(), charset), "utf-8")

    def test_a_mark_beats_the_declared_charset(self):
        self.assertEqual(self.encoding(codecs.BOM_UTF8 + b"x", "cp1252"), "utf-8-sig")

    def test_a_declared_charset_that_is_none_does_no_harm(self):
        for charset in ("klingon", "", None, "hex", "base64", "rot13", "undefined"):
            with self.subTest(charset):
                document = Document("a", TEXT.encode(), charset)
                self.assertEqual(document.encoding, "utf-8")
                self.assertEqual(text_of(document), TEXT.splitlines())

    def test_a_character_on_the_border_of_two_reads(self):
        data = b"x" * (256 * 1024 - 1) + "ü\n".encode()
        self.assertEqual(self.encoding(data), "utf-8")
        self.assertEqual(self.encoding(data[:-2] + b"\n"), "cp1252", "cut inside the character")


class TestLines(TestRefusal):
    def test_every_line_end_ends_a_line(self):
        for end in ("\n", "\r\n", "\r"):
            document = Document("a", f"a{end}b{end}{end}c".encode())
            self.assertEqual(list(document.lines()), [(1, "a"), (2, "b"), (3, ""), (4, "c")])

    def test_other_separators_of_unicode_do_not(self):
        text = "a\x85b\u2028c\x0bd\x1ce\n"
        self.assertEqual(text_of(Document("a", text.encode())), [text[:-1]])

    def test_a_line_without_end_is_refused(self):
        self.assertEqual(self.refused(b"x" * (MAX_LINE + 1)).code, "not_text")

    def test_empty(self):
        for data in (b"", b"  \r\n\n\t"):
            self.assertEqual(self.refused(data).code, "empty")

    def test_other_kinds_of_file(self):
        for data, word in (
            (b"%PDF-1.7 ...", "PDF"),
            (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "Excel"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "not text"),
        ):
            problem = self.refused(data)
            self.assertEqual(problem.code, "not_text")
            self.assertIn(word, problem.text)

    def test_may_be_opened_any_number_of_times(self):
        document = Document("a", TEXT.encode())
        self.assertEqual(text_of(document), text_of(document))

    def test_a_source_is_closed_each_time(self):
        def opener(path, opened):
            def source():
                opened.append(path.open("rb"))
                return opened[-1]

            return source

        with tempfile.TemporaryDirectory() as folder:
            for name, data in (("a.txt", TEXT.encode()), ("a.gz", gzip.compress(TEXT.encode()))):
                path = Path(folder, name)
                path.write_bytes(data)
                opened = []
                source = opener(path, opened)
                document = Document(name, source)
                text_of(document)
                self.assertGreater(len(opened), 1)
                self.assertTrue(all(stream.closed for stream in opened), name)


class TestArchive(TestRefusal):
    def names(self, data):
        return [name for name, _build in open_all("a.zip", data)]

    def test_each_file_is_a_document(self):
        data = archive(("jan/one.txt", TEXT), ("two.txt.gz", gzip.compress(TEXT.encode())))
        found = [(name, text_of(build())) for name, build in open_all("a.zip", data)]
        lines = TEXT.splitlines()
        self.assertEqual(found, [("one.txt", lines), ("two.txt.gz", lines)])

    def test_folders_and_what_macos_adds_are_no_files(self):
        data = archive(("jan/", ""), ("jan/one.txt", TEXT), ("__MACOSX/jan/._one.txt", "\x00\x05"))
        self.assertEqual(self.names(data), ["one.txt"])

    def test_a_zip_without_files_says_so(self):
        for members in ([("jan/", "")], [("__MACOSX/._one.txt", "\x00")]):
            self.assertEqual(self.refused(archive(*members)).code, "empty")
        self.assertEqual(self.refused(archive()).code, "not_text")

    def test_one_bad_file_does_not_hide_the_others(self):
        data = archive(("a.txt", ""), ("b.txt", table(head("5.00"), row("Order/x/y", "5.00"))))
        first, second = open_reports("a.zip", data)
        self.assertEqual(codes(first.problems), ["empty"])
        self.assertEqual(first.document.name, "a.txt")
        self.assertEqual(list(second.headers), ["42"])

    def test_excel_workbook(self):
        problem = self.refused(
            archive(("[Content_Types].xml", "<x/>"), ("xl/workbook.xml", "<x/>"))
        )
        self.assertEqual(problem.code, "spreadsheet")
        self.assertIn("Excel", problem.text)

    def test_encrypted(self):
        data = bytearray(archive(("a.txt", TEXT), method=zipfile.ZIP_STORED))
        data[6] |= 1  # the flag in the file's own header and in the directory
        data[data.index(b"PK\x01\x02") + 8] |= 1
        self.assertEqual(self.refused(bytes(data)).code, "encrypted")

    def test_damaged(self):
        data = archive(("a.txt", TEXT * 50))
        for cut in (4, 10, len(data) // 2, len(data) - 1):
            self.assertEqual(self.refused(data[:cut]).code, "damaged_zip")
        broken = bytearray(data)
        broken[60] ^= 0xFF
        self.assertEqual(self.refused(bytes(broken)).code, "damaged_zip")

    def test_a_member_before_the_start_of_the_file(self):
        data = bytearray(archive(("a.txt", TEXT)))
        data[-6] += 1  # where the directory starts
        self.assertEqual(self.refused(bytes(data)).code, "damaged_zip")

    def test_a_version_nobody_knows(self):
        data = bytearray(archive(("a.txt", TEXT)))
        data[data.index(b"PK\x01\x02") + 6] = 99
        self.assertEqual(self.refused(bytes(data)).code, "damaged_zip")

    def test_rare_methods_are_refused_before_they_are_tried(self):
        for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            problem = self.refused(archive(("a.txt", TEXT), method=method))
            self.assertEqual(problem.code, "damaged_zip")
            self.assertIn("Unpack it", problem.text)

    def test_too_many_files(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of equal names
            data = archive(*[("a.txt", "x")] * 1001)
        self.assertEqual(self.refused(data).code, "too_large")


class TestMemory(unittest.TestCase):
    def test_a_large_file_is_read_in_pieces(self):
        line = b"x" * 99 + b"\n"
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as stream:
            for _time in range(400):
                stream.write(line * 100)
        packed = packed.getvalue()
        tracemalloc.start()
        try:
            document = Document("a.gz", packed)
            count = sum(1 for _line in document.lines())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        self.assertEqual((count, document.size), (40_000, 4_000_000))
        self.assertLess(peak, 2_000_000)


class TestHostile(unittest.TestCase):
    """Work and memory stay in proportion to what is sent."""

    def refused(self, build):
        with self.assertRaises(BadDocument) as caught:
            build()
        self.assertEqual(caught.exception.problem.code, "too_large")
        return caught.exception.problem.text

    def test_a_file_that_is_packed_beyond_all_measure_is_refused(self):
        data = gzip.compress(b" " * (document.FREE_BYTES + 1))
        self.assertLess(len(data), 20_000)
        self.assertIn("packed", self.refused(Document("a.gz", data).inspect))

    def test_too_many_lines_are_refused(self):
        with patch.object(document, "MAX_LINES", 1000):
            for end in (b"\n", b"\r", b"\r\n"):
                data = gzip.compress(b"x" + end * 1001)
                self.assertIn("1,000 lines", self.refused(Document("a", data).inspect))
                self.assertEqual(Document("a", b"x" + end * 1000).size, 1 + 1000 * len(end))

    def test_too_many_bytes_are_refused(self):
        with patch.object(document, "MAX_BYTES", 1000):
            self.refused(Document("a", b"x" * 1001).inspect)
            self.assertEqual(Document("a", b"x" * 1000).size, 1000)

    def zip_of(self, *sizes):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, size in enumerate(sizes):
                archive.writestr(f"{number}.txt", b"x" * size)
        return stream.getvalue()

    def test_members_of_an_archive_have_the_same_limits(self):
        ((_name, build),) = open_all("a.zip", self.zip_of(document.FREE_BYTES + 1))
        self.assertIn("packed", self.refused(build))
        with patch.object(document, "MAX_BYTES", 1000):
            data = self.zip_of(600, 600)
            self.assertIn("together", self.refused(lambda: list(open_all("a.zip", data))))

    def test_a_member_is_never_read_at_once(self):
        asked = []
        original = zipfile.ZipExtFile.read

        def read(file, size=-1):
            asked.append(size)
            return original(file, size)

        with patch.object(zipfile.ZipExtFile, "read", read):
            ((_name, build),) = open_all("a.zip", self.zip_of(5_000_000))
            found = build()
            self.assertEqual(found.size, 5_000_000)
        self.assertTrue(asked)
        self.assertLess(max(asked), 1_000_000)
        self.assertGreaterEqual(min(asked), 0)


class TestDeclared(unittest.TestCase):
    """A declared character set whose letters would be control characters is not believed."""

    WORDS = "settlement-id\tsku\tcurrency\n1\t{}\tJPY\n"

    def test_japanese_declared_as_western(self):
        for sku in ("カップ", "青いカップ-01", "日本語"):
            data = self.WORDS.format(sku).encode("cp932")
            for charset in ("ISO-8859-1", "Cp1252", "windows-1252", "latin-1", "ISO-8859-15"):
                found = Document("a", data, charset)
                self.assertEqual(found.encoding, "cp932", (sku, charset))
                self.assertIn(sku, "".join(text for _number, text in found.lines()))

    def test_windows_declared_as_iso(self):
        data = "a “quoted” text – €\n".encode("cp1252")
        for charset, encoding in (("ISO-8859-1", "cp1252"), ("Cp1252", "cp1252")):
            self.assertEqual(Document("a", data, charset).encoding, encoding)

    def test_western_files_about_yen_stay_western(self):
        data = self.WORDS.format("Tasse é").encode("latin-1")
        self.assertEqual(Document("a", data, "ISO-8859-1").encoding, "iso8859-1")
