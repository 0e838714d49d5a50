package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.TextClassifier.Label;
import dev.gyre.TextClassifier.TextPair;
import dev.gyre.TextClassifier.TokenLabel;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.scheduler.SourceTooLongException;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextClassifierTest {

    @Test
    void labelsTexts() {
        JsonNode expected = SmallModel.expected("classify", "expected_classify.json");
        try (TextClassifier classifier = open(SmallModel.folder("classify"))) {
            assertEquals(List.of("neg", "neu", "pos"), classifier.labels());
            for (int t = 0; t < expected.path("texts").size(); t++) {
                List<Label> labels =
                        classifier.classify(expected.path("texts").get(t).asText());
                assertEquals(3, labels.size());
                for (Label label : labels) {
                    double reference = expected.path("scores")
                            .get(t)
                            .get(classifier.labels().indexOf(label.name()))
                            .asDouble();
                    assertEquals(reference, label.probability(), 1e-5);
                }
            }
            assertThrows(IllegalStateException.class, () -> classifier.classifyTokens(List.of("x")));
        }
    }

    /** The pipeline applies no function to what a model for regression says. */
    @Test
    void regressionGivesWhatTheModelSays(@TempDir Path temporary) throws IOException {
        Path from = SmallModel.folder("classify");
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, temporary.resolve(file.getFileName()));
            }
        }
        Path config = temporary.resolve("config.json");
        String fields = Files.readString(config);
        Files.writeString(config, fields.replaceFirst("\\{", "{\"problem_type\": \"regression\","));
        JsonNode expected = SmallModel.expected("classify", "expected_classify.json");
        String text = expected.path("texts").get(0).asText();
        try (TextClassifier classifier = open(temporary)) {
            double[] raw = new double[3];
            classifier.classify(text).forEach(l -> raw[classifier.labels().indexOf(l.name())] = l.probability());
            double sum = 0;
            for (double score : raw) {
                sum += Math.exp(score);
            }
            assertTrue(Math.abs(raw[0] + raw[1] + raw[2] - 1) > 0.01, Arrays.toString(raw));
            for (int i = 0; i < 3; i++) {
                assertEquals(expected.path("scores").get(0).get(i).asDouble(), Math.exp(raw[i]) / sum, 1e-5);
            }
        }
        Files.writeString(config, fields.replaceFirst("\\{", "{\"problem_type\": \"ranking\","));
        OneLine.assertFails(ModelFormatException.class, () -> open(temporary), "problem_type", "ranking", "regression");
    }

    /** Against transformers' {@code truncation="longest_first"}: what is too long is the second, the first, or both. */
    @Test
    void labelsPairs() {
        JsonNode pairs = SmallModel.expected("classify", "expected_pairs.json").path("pairs");
        try (TextClassifier classifier = TextClassifier.builder(SmallModel.folder("classify"))
                .device("cpu")
                .overlong(OverlongSource.TRUNCATE)
                .open()) {
            for (JsonNode pair : pairs) {
                String first = pair.path("text").asText();
                String second = pair.path("pair").asText();
                Tokenizer.Pair encoded =
                        classifier.model().tokenizer().orElseThrow().encodePair(first, second, 64);
                assertArrayEquals(SmallModel.ints(pair.path("ids")), encoded.ids());
                assertArrayEquals(SmallModel.ints(pair.path("types")), encoded.types());
                assertEquals(pair.path("length").asInt(), encoded.length());
                List<Label> labels = classifier
                        .classifyPairs(List.of(new TextPair(first, second)))
                        .getFirst();
                for (Label label : labels) {
                    int number = classifier.labels().indexOf(label.name());
                    assertEquals(pair.path("scores").get(number).asDouble(), label.probability(), 1e-6);
                }
            }
        }
        try (TextClassifier classifier = open(SmallModel.folder("classify"))) {
            assertThrows(
                    SourceTooLongException.class,
                    () -> classifier.classifyPairs(List.of(new TextPair("word ".repeat(40), "word ".repeat(40)))));
        }
    }

    @Test
    void labelsTokens() {
        JsonNode expected = SmallModel.expected("tags", "expected_tags.json");
        try (TextClassifier classifier = open(SmallModel.folder("tags"))) {
            List<TokenLabel> labels = classifier
                    .classifyTokens(List.of(expected.path("text").asText()))
                    .getFirst();
            // [CLS] and [SEP] are left out.
            assertEquals(expected.path("tokens").size() - 2, labels.size());
            for (int i = 0; i < labels.size(); i++) {
                TokenLabel label = labels.get(i);
                assertEquals(expected.path("tokens").get(i + 1).asText(), label.token());
                float[] scores = SmallModel.floats(expected.path("scores").get(i + 1));
                int number = classifier.labels().indexOf(label.label());
                assertEquals(scores[number], label.probability(), 1e-5);
                for (float s : scores) {
                    assertTrue(s <= scores[number]);
                }
            }
            assertThrows(IllegalStateException.class, () -> classifier.classify("x"));
        }
    }

    @Test
    void modelsWithoutClassifierAreAnError() {
        assertThrows(ModelFormatException.class, () -> open(SmallModel.folder("embed")));
    }

    private static TextClassifier open(Path folder) {
        return TextClassifier.builder(folder).device("cpu").open();
    }
}
