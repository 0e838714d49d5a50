package dev.gyre.decoding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How often tokens are drawn, over many sentences; seeded, so that it is the same each time. */
class SamplingTest {

    private static final int SENTENCES = 20_000;
    private static final int[] IDS = {3, 4, 5, 6};
    private static final double[] PROBABILITIES = {0.5, 0.25, 0.15, 0.1};

    private static GenerationOptions.Builder sample() {
        return GenerationOptions.builder()
                .doSample(true)
                .seed(11)
                .topK(4)
                .decoderStartTokenId(1)
                .eosTokenIds(List.of(2));
    }

    /** How often each of the four tokens comes first, of a hundred. */
    private static double[] percent(GenerationOptions options) {
        SearchSettings settings = SearchSettings.of(options, GenerationOptions.DEFAULTS, new Target(10, 50));
        float[] values = new float[4];
        for (int i = 0; i < 4; i++) {
            values[i] = (float) Math.log(PROBABILITIES[i]);
        }
        double[] percent = new double[4];
        for (int index = 0; index < SENTENCES; index++) {
            Search search = Search.of(settings, new int[0], 10, index);
            search.advance(Candidates.of(IDS.clone(), values.clone(), new float[1], 4, new float[0], 0, 10), 0);
            percent[search.sequence(0)[1] - 3] += 100.0 / SENTENCES;
        }
        return percent;
    }

    private static void assertNear(double[] percent, double... expected) {
        for (int i = 0; i < 4; i++) {
            // Four standard deviations of a count.
            double p = expected[i] / 100;
            assertEquals(expected[i], percent[i], 1e-6 + 400 * Math.sqrt(p * (1 - p) / SENTENCES), "token " + IDS[i]);
        }
    }

    @Test
    void byProbability() {
        assertNear(percent(sample().build()), 50, 25, 15, 10);
    }

    @Test
    void temperatureFlattens() {
        double sum = 0;
        double[] expected = new double[4];
        for (int i = 0; i < 4; i++) {
            sum += expected[i] = Math.sqrt(PROBABILITIES[i]);
        }
        for (int i = 0; i < 4; i++) {
            expected[i] *= 100 / sum;
        }
        assertNear(percent(sample().temperature(2).build()), expected);
    }

    @Test
    void topKAndTopPCutTheTail() {
        assertNear(percent(sample().topK(2).build()), 66.667, 33.333, 0, 0);
        // The tail of 0.15 and 0.1 sums to no more than 1 - 0.7.
        assertNear(percent(sample().topP(0.7).build()), 66.667, 33.333, 0, 0);
        assertNear(percent(sample().topP(0.01).build()), 100, 0, 0, 0);
    }
}
