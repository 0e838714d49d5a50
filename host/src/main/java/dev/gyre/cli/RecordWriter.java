package dev.gyre.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gyre.Translation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Writes what a line became.
 *
 * @param format text or JSON lines
 * @param scores whether scores are written; in text before the translation, with a tab
 * @param tokens whether tokens are written, in text instead of the translation
 * @param sequences hypotheses for each line
 */
record RecordWriter(Format format, boolean scores, boolean tokens, int sequences) {

    private static final JsonFactory JSON = new JsonFactory();

    /** A translation with a line break in it would be two. */
    private static final Pattern BREAKS = Pattern.compile("\\R");

    /** Lines of output for a line of input. */
    int linesPerRecord() {
        return format == Format.TEXT ? sequences : 1;
    }

    byte[] bytes(Line line, Translation result) throws IOException {
        return format == Format.TEXT ? text(result) : json(line, result);
    }

    /** An empty line has one hypothesis, however many were asked for: the others are empty lines as well. */
    private byte[] text(Translation result) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < sequences; i++) {
            if (i <= result.alternatives().size()) {
                Translation h = i == 0 ? result : result.alternatives().get(i - 1);
                if (scores) {
                    text.append(score(h)).append('\t');
                }
                text.append(BREAKS.matcher(tokens ? String.join(" ", h.tokens()) : h.text())
                        .replaceAll(" "));
            }
            text.append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] json(Line line, Translation result) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("source", line.text());
            hypothesis(json, result);
            if (sequences > 1) {
                json.writeArrayFieldStart("alternatives");
                for (Translation h : result.alternatives()) {
                    json.writeStartObject();
                    hypothesis(json, h);
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }

    private void hypothesis(JsonGenerator json, Translation h) throws IOException {
        json.writeStringField("text", h.text());
        if (tokens) {
            json.writeArrayFieldStart("tokens");
            for (String token : h.tokens()) {
                json.writeString(token);
            }
            json.writeEndArray();
        }
        if (scores) {
            json.writeFieldName("score");
            if (Float.isFinite(h.score())) {
                json.writeNumber(score(h));
            } else {
                json.writeNull(); // JSON has no other word for what is no number
            }
        }
    }

    private static String score(Translation h) {
        return String.format(Locale.ROOT, "%.6f", h.score());
    }
}
