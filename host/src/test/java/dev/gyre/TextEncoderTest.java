package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.scheduler.SourceTooLongException;
import dev.gyre.weights.Json;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextEncoderTest {

    private static final float BOUND = 1e-5f;

    @TempDir
    Path temporary;

    private final JsonNode expected = SmallModel.expected("embed", "expected_embed.json");
    private final List<String> texts = texts(expected.path("texts"));

    @Test
    void meanOfTheRowsWithoutOtherFiles() {
        try (TextEncoder encoder = open(SmallModel.folder("embed")).open()) {
            assertEquals(Pooling.MEAN, encoder.pooling());
            compare(encoder.embed(texts), "mean");
        }
    }

    @Test
    void inGroupsAndInTheOrderOfTheInput() {
        try (TextEncoder encoder =
                open(SmallModel.folder("embed")).batchTokens(30).open()) {
            compare(encoder.embed(texts), "mean");
            assertEquals(0, encoder.embed(List.of()).size());
        }
    }

    @Test
    void poolingAndLengthAsAskedFor() {
        try (TextEncoder encoder = open(SmallModel.folder("embed"))
                .pooling(Pooling.CLS)
                .normalise(false)
                .open()) {
            compare(encoder.embed(texts), "cls");
        }
        try (TextEncoder encoder =
                open(SmallModel.folder("embed")).normalise(true).open()) {
            compare(encoder.embed(texts), "unit");
        }
    }

    @Test
    void poolingAndLengthAsSentenceTransformersSays() throws IOException {
        Path folder = copy();
        Files.writeString(folder.resolve("modules.json"), """
                [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                 {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
                """);
        Files.createDirectory(folder.resolve("1_Pooling"));
        Path pooling = folder.resolve("1_Pooling").resolve("config.json");
        Files.writeString(pooling, """
                {"word_embedding_dimension": 32, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true}""");
        Files.writeString(folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 20}");
        try (TextEncoder encoder = open(folder).open()) {
            assertTrue(encoder.normalises());
            assertEquals(20, encoder.maxLength());
            compare(encoder.embed(texts.subList(0, 3)), "unit");
        }
        Files.writeString(pooling, "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true}");
        assertThrows(ModelFormatException.class, () -> open(folder).open());
        Files.writeString(folder.resolve("modules.json"), "[{\"type\": \"sentence_transformers.models.WordWeights\"}]");
        assertTrue(assertThrows(ModelFormatException.class, () -> open(folder).open())
                .getMessage()
                .contains("WordWeights"));
    }

    /** The folders of module files are as sentence_transformers 6 writes them. */
    @ParameterizedTest
    @ValueSource(strings = {"dense", "mean_sqrt", "weighted", "max", "last", "prompt"})
    void modulesAsSentenceTransformersWritesThem(String name) throws IOException {
        Path folder = copy();
        Path modules = SmallModel.folder("modules").resolve(name);
        try (Stream<Path> files = Files.walk(modules)) {
            for (Path file : files.skip(1).toList()) {
                Files.copy(file, folder.resolve(modules.relativize(file).toString()));
            }
        }
        JsonNode vectors = Json.readObject(modules.resolve("expected.json")).path("vectors");
        try (TextEncoder encoder = open(folder).open()) {
            List<float[]> found = encoder.embed(texts);
            for (int i = 0; i < found.size(); i++) {
                assertEquals(encoder.width(), found.get(i).length);
                assertArrayEquals(SmallModel.floats(vectors.get(i)), found.get(i), BOUND, texts.get(i));
            }
        }
        if (name.equals("dense")) {
            Path config = folder.resolve("2_Dense").resolve("config.json");
            Files.writeString(config, Files.readString(config).replace("Tanh", "CELU"));
            assertTrue(
                    assertThrows(ModelFormatException.class, () -> open(folder).open())
                            .getMessage()
                            .contains("CELU"));
        }
    }

    @Test
    void modulesAreBesideTheirList() throws IOException {
        Path folder = copy();
        Path secret = Files.createDirectory(folder.resolveSibling("secret"));
        Files.writeString(secret.resolve("config.json"), "{\"pooling_mode_cls_token\": true}");
        for (String path : List.of("../secret", secret.toString(), "C:1_Pooling", "..")) {
            Files.writeString(
                    folder.resolve("modules.json"),
                    "[{\"path\": \"" + path + "\", \"type\": \"sentence_transformers.models.Pooling\"}]");
            OneLine.assertFails(
                    ModelFormatException.class,
                    () -> open(folder).open(),
                    "modules.json",
                    "\"" + path + "\"",
                    "beside");
        }
    }

    @Test
    void longTextsAreAnErrorOrCut() {
        String text = "word ".repeat(100);
        try (TextEncoder encoder = open(SmallModel.folder("embed")).open()) {
            assertThrows(SourceTooLongException.class, () -> encoder.embed(text));
        }
        try (TextEncoder encoder = open(SmallModel.folder("embed"))
                .overlong(OverlongSource.TRUNCATE)
                .open()) {
            List<TextEncoder.Token> tokens = encoder.tokens(text);
            assertEquals(64, tokens.size());
            assertEquals("[SEP]", tokens.getLast().token());
        }
    }

    @Test
    void cosines() {
        assertEquals(1, TextEncoder.cosine(new float[] {1, 2}, new float[] {2, 4}), 1e-12);
        assertEquals(0, TextEncoder.cosine(new float[] {1, 0}, new float[] {0, 4}), 1e-12);
        assertEquals(0, TextEncoder.cosine(new float[] {0, 0}, new float[] {0, 4}), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> TextEncoder.cosine(new float[1], new float[2]));
    }

    @Test
    void otherModelsAreAnError() {
        assertTrue(assertThrows(
                        ModelFormatException.class,
                        () -> open(SmallModel.folder("gpt2")).open())
                .getMessage()
                .contains("encoder-only"));
    }

    private static TextEncoder.Builder open(Path folder) {
        return TextEncoder.builder(folder).device("cpu");
    }

    private void compare(List<float[]> vectors, String name) {
        for (int i = 0; i < vectors.size(); i++) {
            assertArrayEquals(SmallModel.floats(expected.path(name).get(i)), vectors.get(i), BOUND, texts.get(i));
        }
    }

    private Path copy() throws IOException {
        Path folder = temporary.resolve("model");
        Files.createDirectory(folder);
        try (Stream<Path> files = Files.list(SmallModel.folder("embed"))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        return folder;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(t -> texts.add(t.asText()));
        return texts;
    }
}
