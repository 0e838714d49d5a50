package dev.gyre.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lines of UTF-8. They end with LF or CR LF; the last one need not end. A byte order mark at the start is no text.
 * Bytes that are not UTF-8 are an error and never replaced, because a replacement would be translated unseen.
 */
final class LineReader implements Closeable {

    /** A line holds a sentence; one that is this long is a file of another kind. */
    static final int LONGEST = 1 << 20;

    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream in;
    private final String name;
    private final byte[] chunk = new byte[1 << 16];
    private int position;
    private int limit;
    private byte[] line = new byte[256];
    private long lines;
    private long lineStart;
    private long consumed;

    /** @param name what messages call the input */
    LineReader(InputStream in, String name) {
        this.in = in;
        this.name = name;
    }

    /** The next line; null behind the last. Waits for input no longer than one line needs. */
    @Nullable
    Line next() throws IOException {
        int length = 0;
        lineStart = consumed;
        boolean ended = false;
        while (!ended) {
            if (position == limit) {
                limit = in.read(chunk);
                position = 0;
                if (limit <= 0) {
                    limit = 0;
                    break;
                }
            }
            int end = position;
            while (end < limit && chunk[end] != '\n') {
                end++;
            }
            ended = end < limit;
            length = append(length, end);
            consumed += end - position + (ended ? 1 : 0);
            position = ended ? end + 1 : end;
        }
        if (!ended && length == 0) {
            return null;
        }
        lines++;
        return new Line(lines, decode(length));
    }

    private int append(int length, int end) {
        int longer = length + end - position;
        if (longer > LONGEST) {
            throw new UserException(name + ": line " + (lines + 1) + " is longer than " + LONGEST
                    + " bytes; a line is to hold one sentence");
        }
        if (longer > line.length) {
            line = Arrays.copyOf(line, Math.max(longer, 2 * line.length));
        }
        System.arraycopy(chunk, position, line, length, end - position);
        return longer;
    }

    private String decode(int length) {
        int start = lines == 1 && length >= 3 && Arrays.equals(line, 0, 3, MARK, 0, 3) ? 3 : 0;
        int end = length > start && line[length - 1] == '\r' ? length - 1 : length;
        ByteBuffer bytes = ByteBuffer.wrap(line, start, end - start);
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer text = CharBuffer.allocate(end - start);
        try {
            CoderResult result = decoder.decode(bytes, text, true);
            if (result.isError()) {
                result.throwException();
            }
        } catch (CharacterCodingException e) {
            int at = bytes.position();
            throw new UserException(
                    "%s: line %d: byte 0x%02x at offset %d of the input, %d of the line, is not UTF-8; convert it, e.g. with iconv -f ISO-8859-1 -t UTF-8"
                            .formatted(name, lines, line[at], lineStart + at, at),
                    e);
        }
        return text.flip().toString();
    }

    /** What messages call the input. */
    String name() {
        return name;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
