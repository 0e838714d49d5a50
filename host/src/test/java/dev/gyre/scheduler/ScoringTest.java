package dev.gyre.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gyre.backend.Backends;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.Scoring.Pair;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.Safetensors;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Log-probabilities against those that the logits of a teacher-forced reference give. */
class ScoringTest {

    @ParameterizedTest
    @ValueSource(strings = {"marian", "t5_v1_1", "m2m_100", "gpt2", "llama"})
    void agreesWithTheLogitsOfTheReference(String name) throws URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(ScoringTest.class.getResource("/goldens/" + name))
                .toURI());
        try (ModelDirectory model = ModelDirectory.open(folder);
                Checkpoint expected = Safetensors.open(folder.resolve("expected.safetensors"))) {
            boolean encodes = model.transformer().encoder() != null;
            int[][] sources = rows(expected, "input_ids");
            int[][] mask = rows(expected, "attention_mask");
            int[][] targets = encodes ? rows(expected, "decoder_input_ids") : sources;
            List<Pair> pairs = new ArrayList<>();
            for (int i = 0; i < sources.length; i++) {
                int n = Arrays.stream(mask[i]).sum();
                pairs.add(new Pair(encodes ? Arrays.copyOf(sources[i], n) : new int[0], targets[i]));
            }
            try (Scoring scoring = new Scoring(
                    Backends.named("cpu").open(0, DeviceOptions.DEFAULTS), model.transformer(), model.weights(), 0)) {
                List<float[]> scores = scoring.score(pairs);
                int vocabulary = expected.shape("logits")[2];
                int steps = targets[0].length;
                float[] logits = new float[sources.length * steps * vocabulary];
                expected.read("logits", 0, logits.length, logits, 0);
                for (int i = 0; i < scores.size(); i++) {
                    assertEquals(steps - 1, scores.get(i).length);
                    for (int t = 0; t + 1 < steps; t++) {
                        int row = (i * steps + t) * vocabulary;
                        double sum = 0;
                        for (int v = 0; v < vocabulary; v++) {
                            sum += Math.exp(logits[row + v] - logits[row + targets[i][t + 1]]);
                        }
                        assertEquals(-Math.log(sum), scores.get(i)[t], 1e-3, name + " " + i + " " + t);
                    }
                }
                Pair wrong = new Pair(pairs.getFirst().source(), new int[] {0, vocabulary});
                assertThrows(IllegalArgumentException.class, () -> scoring.score(List.of(wrong)));
                Pair tooLong = new Pair(pairs.getFirst().source(), new int[scoring.maxTarget() + 2]);
                assertThrows(IllegalArgumentException.class, () -> scoring.score(List.of(tooLong)));
            }
        }
    }

    private static int[][] rows(Checkpoint expected, String name) {
        int[] shape = expected.shape(name);
        float[] all = new float[shape[0] * shape[1]];
        expected.read(name, 0, all.length, all, 0);
        int[][] rows = new int[shape[0]][shape[1]];
        for (int i = 0; i < all.length; i++) {
            rows[i / shape[1]][i % shape[1]] = (int) all[i];
        }
        return rows;
    }
}
