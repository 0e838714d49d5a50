package dev.gyre.conformance;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.transformer.AttentionMaps;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A result does not depend on what else is in the batch: the same rows, to the bit, in any company. */
class BatchInvarianceTest {

    private static final OpenDevices DEVICES = new OpenDevices();

    @AfterAll
    static void closeDevices() {
        DEVICES.close();
    }

    static Stream<Arguments> everyRowCase() {
        return RowSlices.all().stream().flatMap(s -> targets().map(t -> arguments(t, s)));
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource("everyRowCase")
    void rowsDoNotDependOnTheOthers(Target target, RowSlices rows) {
        try (Executable executable = DEVICES.get(target).compile(rows.program(), rows.weights())) {
            int[] all = rows.everyRow();
            Outcome together = Outcome.of(rows.of(all), executable);
            for (int r : new int[] {0, 1, 2, 7, all.length - 1}) {
                compare(rows, together, executable, r);
            }
            compare(rows, together, executable, 3, 4, 5);
            compare(rows, together, executable, 20, 2, 9, 30, 5, 1, 0, 33);
            compare(rows, together, executable, Arrays.copyOfRange(all, 1, 18));
        }
    }

    private static void compare(RowSlices rows, Outcome together, Executable executable, int... chosen) {
        Outcome some = Outcome.of(rows.of(chosen), executable);
        together.outputs().forEach((output, values) -> {
            int columns = output.shape().columns();
            for (int i = 0; i < chosen.length; i++) {
                requireSameRow(
                        rows + ", row " + chosen[i] + " among " + chosen.length,
                        output,
                        together,
                        chosen[i],
                        some,
                        i,
                        columns);
            }
        });
    }

    private static Stream<Target> targets() {
        return Stream.of(
                        Target.all(),
                        Target.int8(),
                        Target.tiles(),
                        Target.halves(),
                        Target.fused(),
                        Target.oneTuned(),
                        Target.oneTunedInt8())
                .flatMap(List::stream);
    }

    static Stream<Arguments> everyModelOnEveryTarget() {
        return Models.all().stream().flatMap(m -> targets().map(t -> arguments(t, m)));
    }

    /** A source with its beams, alone and among others, from its encoding to its last step. */
    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource("everyModelOnEveryTarget")
    void sourcesDoNotDependOnTheOthers(Target target, Models model) {
        SearchScript whole = new SearchScript(model, AttentionMaps.NONE, true, 0, 1, 2);
        Case all = whole.build();
        List<Outcome> together = Outcome.of(all, DEVICES.get(target));
        for (int group = 0; group < SearchScript.GROUPS; group++) {
            SearchScript alone = new SearchScript(model, AttentionMaps.NONE, true, group);
            Case one = alone.build();
            List<Outcome> apart = Outcome.of(one, DEVICES.get(target));
            for (int step = 0; step < SearchScript.STEPS; step++) {
                Outcome t = together.get(all.runs().indexOf(whole.decodes().get(step)));
                Outcome a = apart.get(one.runs().indexOf(alone.decodes().get(step)));
                String where = model + ", source " + group + ", step " + step;
                for (Value output : whole.program().decode().outputs()) {
                    int columns = output.shape().columns();
                    for (int beam = 0; beam < SearchScript.BEAMS; beam++) {
                        requireSameRow(
                                where + ", beam " + beam,
                                output,
                                t,
                                whole.group(group) + beam,
                                a,
                                alone.group(group) + beam,
                                columns);
                    }
                }
            }
        }
    }

    static Stream<Arguments> everyModelOnEveryCpu() {
        return Models.all().stream()
                .flatMap(m -> Target.all().stream()
                        .filter(t -> t.backend().name().equals("cpu"))
                        .map(t -> arguments(t, m)));
    }

    /** Nor on how many threads share the work. */
    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource("everyModelOnEveryCpu")
    void resultsDoNotDependOnTheThreads(Target target, Models model) {
        Case c = SearchScript.whole(model, AttentionMaps.ALL, true);
        List<Outcome> expected = Outcome.of(c, DEVICES.get(target));
        for (int threads : new int[] {1, 2, 3, 7}) {
            DeviceOptions options = target.options().withThreads(threads);
            try (Device device = target.backend().open(target.description().index(), options)) {
                List<Outcome> actual = Outcome.of(c, device);
                for (int i = 0; i < expected.size(); i++) {
                    String where = c + " with " + threads + " threads, run " + i;
                    Outcome run = actual.get(i);
                    expected.get(i)
                            .outputs()
                            .forEach((output, values) -> Agreement.require(
                                    where, output, values, run.outputs().get(output), 0));
                }
            }
        }
    }

    private static void requireSameRow(
            String where, Value output, Outcome a, int rowOfA, Outcome b, int rowOfB, int columns) {
        String place = where + ", " + output.name();
        Object values = a.outputs().get(output);
        if (values instanceof int[] ints) {
            Agreement.requireSame(place, slice(ints, rowOfA, columns), slice(b.ints(output), rowOfB, columns));
        } else {
            Agreement.requireEqual(
                    place, slice((float[]) values, rowOfA, columns), slice(b.floats(output), rowOfB, columns));
        }
    }

    private static int[] slice(int[] values, int row, int columns) {
        return Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
    }

    private static float[] slice(float[] values, int row, int columns) {
        return Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
    }
}
