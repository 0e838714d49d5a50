package dev.gyre.decoding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationOptionsTest {

    private static final Target TARGET = new Target(100, 50);
    private static final GenerationOptions MODEL = GenerationOptions.builder()
            .decoderStartTokenId(9)
            .eosTokenIds(List.of(0))
            .build();

    @Test
    void readsTheNamesOfHuggingFace() {
        GenerationOptions o = GenerationOptions.of(Map.of(
                "num_beams",
                4,
                "length_penalty",
                1,
                "early_stopping",
                true,
                "eos_token_id",
                0,
                "forced_eos_token_id",
                List.of(1, 2),
                "bad_words_ids",
                List.of(List.of(1, 2), List.of(3)),
                "do_sample",
                false,
                "typical_p",
                1.0,
                "use_cache",
                true));
        assertEquals(4, o.get(Option.NUM_BEAMS));
        assertEquals(1.0, o.get(Option.LENGTH_PENALTY));
        assertEquals(EarlyStopping.FULL, o.get(Option.EARLY_STOPPING));
        assertEquals(List.of(0), o.get(Option.EOS_TOKEN_ID));
        assertEquals(List.of(1, 2), o.get(Option.FORCED_EOS_TOKEN_ID));
        assertEquals(List.of(List.of(1, 2), List.of(3)), o.get(Option.BAD_WORDS_IDS));
        assertNull(o.get(Option.MAX_LENGTH));
        assertEquals(50, o.get(Option.TOP_K), "the default");
    }

    @Test
    void unknownOptionsAreListedWithTheKnown() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> GenerationOptions.of(Map.of("typical_p", 0.5)))
                .getMessage();
        assertTrue(message.contains("typical_p=0.5"), message);
        for (Option<?> known : Option.known()) {
            assertTrue(message.contains(known.name()), message);
        }
        assertEquals(1, message.lines().count());
    }

    @ParameterizedTest
    @CsvSource({
        "num_beams, 0, from 1",
        "num_beams, 2.5, whole",
        "num_beams, four, whole",
        "max_new_tokens, 0, at least 1",
        "length_penalty, NaN, finite",
        "repetition_penalty, 0, greater than 0",
        "temperature, -1, greater than 0",
        "top_p, 1.5, between 0 and 1",
        "early_stopping, sometimes, never",
        "do_sample, maybe, true or false",
        "eos_token_id, -1, at least 0",
        "bad_words_ids, 3, list"
    })
    void badValuesNameTheOption(String option, String value, String part) {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> GenerationOptions.of(Map.of(option, (Object) value)))
                .getMessage();
        assertTrue(message.contains(option), message);
        assertTrue(Arrays.stream(part.split("\\|")).anyMatch(message::contains), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void theRequestIsStrongerThanTheModel() {
        GenerationOptions model =
                MODEL.toBuilder().numBeams(4).maxLength(30).forcedEosTokenId(0).build();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("forced_eos_token_id", null);
        json.put("num_beams", 2);
        GenerationOptions merged = GenerationOptions.of(json).or(model);
        assertEquals(2, merged.get(Option.NUM_BEAMS));
        assertEquals(30, merged.get(Option.MAX_LENGTH));
        assertNull(merged.get(Option.FORCED_EOS_TOKEN_ID));
    }

    @Test
    void groupsOfBeamsAreOfOneSize() {
        assertMessage(
                "num_beams is 4, which num_beam_groups 3 does not divide",
                b -> b.numBeams(4).numBeamGroups(3));
        assertMessage(
                "num_beam_groups is 2 and do_sample is true",
                b -> b.numBeams(4).numBeamGroups(2).doSample(true));
        assertMessage("num_beam_groups is 1", b -> b.numBeams(4).diversityPenalty(0.5));
    }

    private static void assertMessage(String part, UnaryOperator<GenerationOptions.Builder> options) {
        GenerationOptions request = options.apply(GenerationOptions.builder()).build();
        String message = assertThrows(IllegalArgumentException.class, () -> settings(request))
                .getMessage();
        assertTrue(message.contains(part), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void lengthsAreThoseOfGenerate() {
        assertEquals(21, settings(GenerationOptions.DEFAULTS).maxLength(), "20 new tokens");
        assertEquals(
                23,
                settings(GenerationOptions.builder().targetPrefix(4, 5).build()).maxLength());
        assertEquals(
                8, settings(GenerationOptions.builder().maxLength(8).build()).maxLength());
        GenerationOptions both = GenerationOptions.builder()
                .maxLength(8)
                .maxNewTokens(12)
                .minNewTokens(3)
                .minLength(9)
                .build();
        assertEquals(13, settings(both).maxLength());
        assertEquals(4, settings(both).minLength());
    }

    @Test
    void aGivenLengthIsNotOutdoneByADefault() {
        GenerationOptions model =
                MODEL.toBuilder().maxNewTokens(256).minNewTokens(9).build();
        GenerationOptions request =
                GenerationOptions.builder().maxLength(12).minLength(4).build();
        SearchSettings settings = SearchSettings.of(request, model, TARGET);
        assertEquals(12, settings.maxLength());
        assertEquals(4, settings.minLength());
        GenerationOptions atOpening = request.or(model);
        assertEquals(
                12,
                SearchSettings.of(GenerationOptions.DEFAULTS, atOpening, TARGET).maxLength());
        GenerationOptions none =
                GenerationOptions.builder().none(Option.MAX_LENGTH).build();
        assertEquals(256, none.or(model).get(Option.MAX_NEW_TOKENS));
    }

    @Test
    void aForcedFirstTokenStandsInFrontOfAPrefix() {
        GenerationOptions request = GenerationOptions.builder()
                .forcedBosTokenId(7)
                .targetPrefix(4, 5)
                .build();
        int start = settings(GenerationOptions.DEFAULTS).prompt()[0];
        assertArrayEquals(new int[] {start, 7, 4, 5}, settings(request).prompt());
        assertArrayEquals(
                new int[] {start, 7, 5},
                settings(request.toBuilder().targetPrefix(7, 5).build()).prompt());
    }

    @Test
    void aModelsMaximumIsCutAndARequestsIsNot() {
        GenerationOptions model = MODEL.toBuilder().maxLength(512).build();
        assertEquals(
                51, SearchSettings.of(GenerationOptions.DEFAULTS, model, TARGET).maxLength());
        GenerationOptions request = GenerationOptions.builder().maxLength(512).build();
        String message = assertThrows(IllegalArgumentException.class, () -> SearchSettings.of(request, MODEL, TARGET))
                .getMessage();
        assertTrue(message.contains("512") && message.contains("50"), message);
    }

    @Test
    void aLongPromptLeavesNothingToGenerate() {
        GenerationOptions request =
                GenerationOptions.builder().maxLength(3).targetPrefix(1, 2).build();
        String message = assertThrows(IllegalArgumentException.class, () -> SearchSettings.of(request, MODEL, TARGET))
                .getMessage();
        assertTrue(message.contains("starts with 3"), message);
    }

    @Test
    void endTokensAreNoBadWords() {
        SearchSettings settings = settings(GenerationOptions.builder()
                .badWordsIds(List.of(List.of(0), List.of(7), List.of(0, 7)))
                .build());
        assertEquals(2, settings.badWords().length);
        assertArrayEquals(new int[] {7}, settings.badWords()[0]);
    }

    @Test
    void candidatesAreAsManyAsMayEndAtOnce() {
        assertEquals(
                8, settings(GenerationOptions.builder().numBeams(4).build()).candidates(100));
        assertEquals(
                16,
                settings(GenerationOptions.builder()
                                .numBeams(4)
                                .eosTokenIds(List.of(0, 1, 2))
                                .build())
                        .candidates(100));
        assertEquals(1, settings(GenerationOptions.DEFAULTS).candidates(100));
    }

    private static SearchSettings settings(GenerationOptions request) {
        return SearchSettings.of(request, MODEL, TARGET);
    }

    @Test
    void aRequestThatWantsScoresHasThem() {
        GenerationOptions without = GenerationOptions.builder().scores(false).build();
        GenerationOptions with = GenerationOptions.builder().scores(true).build();
        GenerationOptions silent = GenerationOptions.builder().numBeams(1).build();
        assertTrue(with.or(without).scores());
        assertFalse(without.or(with).scores());
        assertFalse(silent.or(without).scores());
        assertFalse(GenerationOptions.DEFAULTS.or(without).scores());
        assertTrue(silent.or(GenerationOptions.DEFAULTS).scores());
    }

    @Test
    void drawingWithBeamsLeavesTwoTokensAtLeast() {
        GenerationOptions.Builder one =
                GenerationOptions.builder().doSample(true).numBeams(3).topK(1).decoderStartTokenId(1);
        Target target = new Target(50, 40);
        SearchSettings none = SearchSettings.of(one.build(), GenerationOptions.DEFAULTS, target);
        assertEquals(2, none.candidates(50));
        SearchSettings two =
                SearchSettings.of(one.eosTokenIds(List.of(2, 3)).build(), GenerationOptions.DEFAULTS, target);
        assertEquals(3, two.candidates(50));
        SearchSettings alone = SearchSettings.of(one.numBeams(1).build(), GenerationOptions.DEFAULTS, target);
        assertEquals(1, alone.candidates(50));
    }
}
