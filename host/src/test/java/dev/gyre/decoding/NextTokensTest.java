package dev.gyre.decoding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NextTokensTest {

    private static final float[] LOGITS = {0.5f, 2, 1, -1, 0};

    /** As LogitNormalization does behind PrefixConstrainedLogitsProcessor. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void beamsAreNormalisedOverWhatMayCome(boolean renormalize) {
        GenerationOptions options = GenerationOptions.builder()
                .numBeams(2)
                .numReturnSequences(2)
                .maxNewTokens(1)
                .decoderStartTokenId(0)
                .eosTokenIds(List.of(4))
                .allowedTokenIds(3, 2)
                .set(Option.RENORMALIZE_LOGITS, renormalize)
                .build();
        SearchSettings settings = SearchSettings.of(options, GenerationOptions.DEFAULTS, new Target(5, 10));
        Search search = Search.of(settings, new int[0], 5, 0);
        double sum = 0;
        for (float logit : LOGITS) {
            sum += Math.exp(logit);
        }
        float logSum = (float) Math.log(sum);
        search.take(
                Candidates.of(new int[] {1}, new float[] {2 - logSum}, new float[] {logSum}, 1, LOGITS.clone(), 1, 5),
                0);
        double whole = renormalize ? Math.log(Math.exp(1) + Math.exp(-1)) : logSum;
        List<Hypothesis> found = search.results();
        assertEquals(2, found.size());
        assertEquals(2, found.get(0).sequence()[1]);
        assertEquals(1 - whole, found.get(0).score(), 1e-6);
        assertEquals(3, found.get(1).sequence()[1]);
        assertEquals(-1 - whole, found.get(1).score(), 1e-6);
    }
}
