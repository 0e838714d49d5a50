package dev.gyre;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gyre.scheduler.AttentionRun;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** An {@link Attention} as a page that needs nothing but a browser: heat maps of every layer and head. */
public final class AttentionPage {

    private static final String PLACE = "/*DATA*/null";

    private AttentionPage() {}

    /** The page, as HTML. */
    public static String html(Attention attention) {
        return template().replace(PLACE, json(attention));
    }

    private static String template() {
        try (InputStream in = Objects.requireNonNull(AttentionPage.class.getResourceAsStream("attention.html"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A script ends at the first closing tag, wherever that stands: no token may bring one. */
    private static String json(Attention attention) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartArray();
            for (Attention.View view : attention.views()) {
                json.writeStartObject();
                json.writeStringField("name", view.name());
                strings(json, "queries", view.queries());
                strings(json, "keys", view.keys());
                json.writeArrayFieldStart("layers");
                for (AttentionRun.Layer layer : view.layers()) {
                    layer(json, layer);
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString()
                .replace("<", "\\u003c")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    private static void strings(JsonGenerator json, String field, List<String> all) throws IOException {
        json.writeArrayFieldStart(field);
        for (String s : all) {
            json.writeString(s);
        }
        json.writeEndArray();
    }

    private static void layer(JsonGenerator json, AttentionRun.Layer layer) throws IOException {
        json.writeStartArray();
        for (float[][] head : layer.weights()) {
            json.writeStartArray();
            for (float[] query : head) {
                json.writeStartArray();
                for (float w : query) {
                    // Four digits are more than a colour can show.
                    json.writeNumber(Math.round(w * 1e4) / 1e4);
                }
                json.writeEndArray();
            }
            json.writeEndArray();
        }
        json.writeEndArray();
    }
}
