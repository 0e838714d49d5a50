package dev.gyre.decoding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.graph.Edit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessorsTest {

    private static final GenerationOptions MODEL = GenerationOptions.builder()
            .decoderStartTokenId(9)
            .eosTokenIds(List.of(0))
            .build();

    private static List<String> edits(GenerationOptions options, int[] source, int... sequence) {
        SearchSettings settings = SearchSettings.of(options, MODEL, new Target(50, 40));
        Processors processors = new Processors(settings, source, 50);
        Edits edits = new Edits(64, 50);
        // A row before must leave no trace.
        edits.nextRow(false);
        processors.edit(new int[] {9, 1, 2, 3, 1, 2}, 6, edits);
        int before = edits.count();
        edits.nextRow(false);
        processors.edit(sequence, sequence.length, edits);
        List<String> found = new ArrayList<>();
        for (int i = before; i < edits.count(); i++) {
            String amount = edits.kinds()[i] == Edit.BAN.ordinal() ? "" : " " + edits.amounts()[i];
            found.add(Edit.values()[edits.kinds()[i]] + " " + edits.tokens()[i] + amount);
        }
        return found;
    }

    private static GenerationOptions.Builder options() {
        return GenerationOptions.builder();
    }

    @Test
    void everyPreviousTokenIsPenalisedOnceTheStartIncluded() {
        assertEquals(
                List.of("PENALTY 9 1.5", "PENALTY 4 1.5", "PENALTY 5 1.5"),
                edits(options().repetitionPenalty(1.5).build(), new int[0], 9, 4, 5, 4));
    }

    @Test
    void sourceAndPastPenaltiesOfATokenAreMultiplied() {
        GenerationOptions both = options()
                .repetitionPenalty(3)
                .set(Option.ENCODER_REPETITION_PENALTY, 2.0)
                .build();
        assertEquals(
                List.of("PENALTY 4 1.5", "PENALTY 7 0.5", "PENALTY 9 3.0"), edits(both, new int[] {4, 7, 4}, 9, 4));
    }

    @Test
    void ngramsComeOnce() {
        assertEquals(
                List.of("BAN 5", "BAN 6"), edits(options().noRepeatNgramSize(2).build(), new int[0], 9, 4, 5, 4, 6, 4));
        assertEquals(
                List.of("BAN 9", "BAN 4"), edits(options().noRepeatNgramSize(1).build(), new int[0], 9, 4, 4));
        assertEquals(List.of(), edits(options().noRepeatNgramSize(4).build(), new int[0], 9, 4));
        GenerationOptions source =
                options().set(Option.ENCODER_NO_REPEAT_NGRAM_SIZE, 2).build();
        assertEquals(List.of("BAN 5"), edits(source, new int[] {4, 5, 6}, 9, 4));
    }

    @Test
    void badWordsAreBannedWhereTheyWouldBeComplete() {
        GenerationOptions words = options()
                .badWordsIds(List.of(List.of(3), List.of(4, 5), List.of(9, 4, 6), List.of(5, 5, 5, 5)))
                .build();
        assertEquals(List.of("BAN 3", "BAN 5", "BAN 6"), edits(words, new int[0], 9, 4));
    }

    @Test
    void endTokensWaitAndSuppressedOnesNeverCome() {
        GenerationOptions o = options()
                .minNewTokens(2)
                .suppressTokens(List.of(8))
                .set(Option.BEGIN_SUPPRESS_TOKENS, List.of(7))
                .build();
        assertEquals(List.of("BAN 0", "BAN 8", "BAN 7"), edits(o, new int[0], 9));
        assertEquals(List.of("BAN 0", "BAN 8"), edits(o, new int[0], 9, 4));
        assertEquals(List.of("BAN 8"), edits(o, new int[0], 9, 4, 4));
    }

    @Test
    void aTokenIsBannedOnce() {
        GenerationOptions o = options()
                .suppressTokens(List.of(5, 5))
                .badWordsIds(List.of(List.of(5)))
                .noRepeatNgramSize(1)
                .build();
        assertEquals(List.of("BAN 9", "BAN 5"), edits(o, new int[0], 9, 5));
    }

    @Test
    void theLargestMinimumIsOne() {
        GenerationOptions most = options().minNewTokens(Integer.MAX_VALUE).build();
        assertEquals(List.of("BAN 0"), edits(most, new int[0], 9, 4));
    }

    /** As in transformers 5.18: what counts is whether the words before the last are in the context. */
    @Test
    void aWordMayBeOneLongerThanTheContext() {
        GenerationOptions words = options()
                .badWordsIds(List.of(List.of(9, 4, 6), List.of(7, 9, 4, 5)))
                .build();
        assertEquals(List.of("BAN 6"), edits(words, new int[0], 9, 4));
    }
}
