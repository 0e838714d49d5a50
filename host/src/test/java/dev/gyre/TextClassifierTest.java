package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.TextClassifier.Label;
import dev.gyre.TextClassifier.TokenLabel;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

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
