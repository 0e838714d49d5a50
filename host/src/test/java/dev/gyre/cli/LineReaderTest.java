package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineReaderTest {

    private static List<String> lines(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        try (LineReader reader = new LineReader(in, "input")) {
            for (Line line = reader.next(); line != null; line = reader.next()) {
                assertEquals(lines.size() + 1, line.number());
                lines.add(line.text());
            }
        }
        return lines;
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A stream that gives one byte at a time, as a slow pipe may. */
    private static InputStream drop(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)) {
            @Override
            public int read(byte[] b, int off, int len) {
                return super.read(b, off, Math.min(len, 1));
            }
        };
    }

    @Test
    void endsOfLines() throws IOException {
        assertEquals(List.of(), lines(bytes("")));
        assertEquals(List.of(""), lines(bytes("\n")));
        assertEquals(List.of("a"), lines(bytes("a")));
        assertEquals(List.of("a", "b"), lines(bytes("a\nb")));
        assertEquals(List.of("a", "", "b", ""), lines(bytes("a\n\nb\n\n")));
        assertEquals(List.of("a", "", "b"), lines(bytes("a\r\n\r\nb\r\n")));
        assertEquals(List.of("a\rb"), lines(bytes("a\rb\r")));
    }

    @Test
    void aByteOrderMarkIsNoText() throws IOException {
        assertEquals(List.of("a", "\uFEFFb"), lines(bytes("\uFEFFa\n\uFEFFb\n")));
        assertEquals(List.of(""), lines(bytes("\uFEFF\n")));
        assertEquals(List.of(""), lines(bytes("\uFEFF")));
    }

    @Test
    void aSlowPipeGivesTheSameLines() throws IOException {
        String text = "Größe 𝄞\r\n\nzweite\nletzte";
        assertEquals(lines(bytes(text)), lines(drop(text)));
        assertEquals(List.of("Größe 𝄞", "", "zweite", "letzte"), lines(drop(text)));
    }

    @Test
    void linesLongerThanTheChunk() throws IOException {
        String longLine = "ä".repeat(100_000);
        assertEquals(List.of("x", longLine, "y"), lines(bytes("x\n" + longLine + "\ny")));
    }

    @Test
    void whatIsNotUtf8IsNamedByLineAndOffset() {
        byte[] damaged = {'o', 'k', '\n', 'G', 'r', (byte) 0xF6, 0x40, '\n'};
        UserException e = assertThrows(UserException.class, () -> lines(new ByteArrayInputStream(damaged)));
        assertTrue(
                e.getMessage()
                        .startsWith("input: line 2: byte 0xf6 at offset 5 of the input, 2 of the line, is not UTF-8"),
                e.getMessage());
    }

    @Test
    void aSequenceThatIsCutOffIsNotUtf8() {
        byte[] damaged = {'a', '\n', 'b', (byte) 0xC3};
        UserException e = assertThrows(UserException.class, () -> lines(new ByteArrayInputStream(damaged)));
        assertTrue(e.getMessage().startsWith("input: line 2: byte 0xc3 at offset 3"), e.getMessage());
    }

    @Test
    void aLineWithoutEndIsAnError() {
        InputStream zeros = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }

            @Override
            public int read(byte[] b, int off, int len) {
                java.util.Arrays.fill(b, off, off + len, (byte) 'x');
                return len;
            }
        };
        UserException e = assertThrows(UserException.class, () -> lines(zeros));
        assertTrue(e.getMessage().contains("line 1 is longer than " + LineReader.LONGEST), e.getMessage());
    }
}
