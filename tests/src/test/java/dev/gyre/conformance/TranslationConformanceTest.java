package dev.gyre.conformance;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gyre.transformer.AttentionMaps;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole models, step after step, and what fusion makes of them. */
class TranslationConformanceTest {

    private static final OpenDevices DEVICES = new OpenDevices();

    static Stream<Arguments> everyModelOnEveryTarget() {
        return Models.all().stream().flatMap(m -> Target.all().stream().map(t -> arguments(t, m)));
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource("everyModelOnEveryTarget")
    void fusedProgramsAgree(Target target, Models model) {
        requireAgreement(target, SearchScript.whole(model, AttentionMaps.NONE, true));
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource("everyModelOnEveryTarget")
    void programsThatWriteTheirAttentionAgree(Target target, Models model) {
        requireAgreement(target, SearchScript.whole(model, AttentionMaps.ALL, true));
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource("everyModelOnEveryTarget")
    void programsAsRecordedAgree(Target target, Models model) {
        requireAgreement(target, SearchScript.whole(model, AttentionMaps.NONE, false));
    }

    @ParameterizedTest
    @MethodSource("models")
    void fusionChangesNothingToTheBit(Models model) {
        List<Outcome> recorded = Yardstick.of(SearchScript.whole(model, AttentionMaps.ALL, false));
        Case fused = SearchScript.whole(model, AttentionMaps.ALL, true);
        List<Outcome> joined = Yardstick.of(fused);
        for (int i = 0; i < recorded.size(); i++) {
            Outcome after = joined.get(i);
            String where = fused + ", run " + i;
            recorded.get(i)
                    .outputs()
                    .forEach((output, values) -> Agreement.require(
                            where, output, values, after.outputs().get(output), 0));
        }
    }

    static List<Models> models() {
        return Models.all();
    }

    private static void requireAgreement(Target target, Case c) {
        Agreement.require(c, Yardstick.of(c), Outcome.of(c, DEVICES.get(target)));
    }

    @AfterAll
    static void closeDevices() {
        DEVICES.close();
    }
}
