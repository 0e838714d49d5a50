package dev.gyre.tokens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.transformer.family.Config;
import dev.gyre.weights.Json;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small tokenizers of every layout against what transformers 5.18 makes of the same files: {@code expected.json} in each
 * folder. Left out are blanks at the end of a text and those around special tokens in it where the reference's conversion of
 * a SentencePiece model keeps what the model itself drops.
 */
class TokenizersTest {

    private static final int SIZE = 2000;

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert-json",
                "bert-vocab",
                "gpt2-json",
                "gpt2-merges",
                "roberta-merges",
                "bart-merges",
                "t5-spiece",
                "xlm-roberta-spm",
                "mbart50-spm",
                "m2m100-spm",
                "nllb-json",
                "pegasus-spiece",
                "llama-json",
                "llama-spm"
            })
    void encodesAndDecodesAsTheReference(String name) throws IOException {
        Path folder = folder(name);
        JsonNode expected = Json.readObject(folder.resolve("expected.json"));
        try (Tokenizer tokenizer = open(folder)) {
            for (JsonNode c : expected.path("cases")) {
                String text = c.path("text").asText();
                int[] ids = new ObjectMapper().treeToValue(c.path("ids"), int[].class);
                int[] ours = expected.has("source")
                        ? tokenizer.encode(text, expected.path("source").asText())
                        : tokenizer.encode(text);
                assertArrayEquals(ids, ours, text);
                // The reference keeps language codes and some white space that are no part of the text.
                String decoded = c.path("decoded").asText().replaceFirst("^__[a-z]+__ ?", "");
                assertEquals(plain(decoded), plain(tokenizer.decode(ours)), text);
                assertEquals(ours.length, tokenizer.targetTokens(ours).size());
            }
            if (expected.has("target")) {
                assertEquals(
                        expected.path("target_id").asInt(),
                        tokenizer.languageId(expected.path("target").asText()));
                assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("no language"));
                assertTrue(assertThrows(IllegalArgumentException.class, () -> tokenizer.languageId("xx_XX"))
                        .getMessage()
                        .contains(expected.path("source").asText()));
            } else {
                assertThrows(IllegalArgumentException.class, () -> tokenizer.languageId("en"));
            }
        }
    }

    /** Decoders differ in blanks, and libraries in what an unknown piece looks like. */
    private static String plain(String text) {
        return text.replace("\u2047", "").replaceAll("\\s+", " ").strip();
    }

    @Test
    void idsAboveTheModelsAreAnError() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.open(folder("bert-vocab"), config("bert-vocab"), 10, 10)
                .orElseThrow()) {
            String message = assertThrows(UnknownTokenException.class, () -> tokenizer.encode("The animal"))
                    .getMessage();
            assertTrue(message.endsWith("the model has ids 0 to 9"), message);
        }
    }

    @Test
    void brokenFilesAreOneLine() throws IOException {
        Path json = Files.writeString(temporary.resolve("tokenizer.json"), "{\"model\": {\"type\": \"none\"}}");
        assertOneLine(config("bert-json"), "tokenizer.json");
        Files.delete(json);
        Files.write(temporary.resolve("spiece.model"), new byte[] {10, 99, 1});
        assertOneLine(config("t5-spiece"), "spiece.model is not a SentencePiece model");
        assertTrue(Tokenizers.open(Files.createDirectory(temporary.resolve("empty")), config("t5-spiece"), 9, 9)
                .isEmpty());
    }

    private void assertOneLine(Config config, String part) {
        String message = assertThrows(ModelFormatException.class, () -> Tokenizers.open(temporary, config, SIZE, SIZE))
                .getMessage();
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.contains(part), message);
    }

    private static Tokenizer open(Path folder) {
        return Tokenizers.open(folder, Config.read(folder.resolve("config.json")), SIZE, SIZE)
                .orElseThrow();
    }

    private static Config config(String name) {
        return Config.read(folder(name).resolve("config.json"));
    }

    private static Path folder(String name) {
        try {
            return Path.of(Objects.requireNonNull(TokenizersTest.class.getResource("/tokenizers/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
