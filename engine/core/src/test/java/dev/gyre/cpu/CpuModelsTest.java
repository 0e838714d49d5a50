package dev.gyre.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Fusion;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole small models on the cpu backend, with both kinds of kernels. */
class CpuModelsTest {

    static Stream<Arguments> models() {
        return Stream.of(new ScalarKernels(), new VectorKernels())
                .flatMap(kernels -> Stream.of(
                        Arguments.of(kernels, new SmallModels(2, 4, false, Activation.RELU)),
                        Arguments.of(kernels, new SmallModels(3, 8, false, Activation.GELU)),
                        Arguments.of(kernels, new SmallModels(2, 16, true, Activation.SWISH)),
                        Arguments.of(kernels, new SmallModels(1, 80, true, Activation.GELU_TANH)),
                        Arguments.of(kernels, new SmallModels(2, 19, false, Activation.TANH))));
    }

    @ParameterizedTest
    @MethodSource("models")
    void agreeWithTheReference(Kernels kernels, SmallModels model) {
        Graph encoder = Fusion.apply(model.encoder());
        Graph decoder = Fusion.apply(model.decoder());
        Program program = new Program("small", List.of(encoder, decoder));
        try (Device reference = Runs.reference();
                Device cpu = Runs.cpu(kernels);
                Executable expected = reference.compile(program, new RandomWeights(1));
                Executable actual = cpu.compile(program, new RandomWeights(1))) {
            compare(expected, actual, SmallModels.encoderBatch(encoder, new int[] {1, 2, 3, 4}, 5, 1, 9, 12));
            compare(expected, actual, SmallModels.encoderBatch(encoder, new int[] {}));
            for (int position = 0; position < 4; position++) {
                compare(expected, actual, SmallModels.decoderStep(decoder, position, 0, 1, 5));
            }
        }
    }

    private static void compare(Executable expected, Executable actual, Bindings bindings) {
        expected.run(bindings);
        actual.run(bindings);
        for (Value output : bindings.graph().outputs()) {
            Runs.assertClose(
                    Runs.read(expected, bindings, output), Runs.read(actual, bindings, output), 2e-4f, output.name());
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aSequenceHasTheSameBitsInEveryBatch(Kernels kernels, SmallModels model) {
        Graph encoder = Fusion.apply(model.encoder());
        try (Device cpu = Runs.cpu(kernels);
                Executable executable = cpu.compile(new Program("small", List.of(encoder)), new RandomWeights(1))) {
            float[] alone = encode(executable, encoder, new int[] {7}, 9);
            assertTrue(Math.abs(alone[0]) > 0, "nothing was computed");
            int row = alone.length / 9;
            float[] last = encode(executable, encoder, new int[] {3, 4, 7}, 5, 12, 9);
            assertArrayEquals(alone, Arrays.copyOfRange(last, 17 * row, 26 * row));
            float[] between = encode(executable, encoder, new int[] {1, 7, 4, 5}, 1, 9, 12, 12);
            assertArrayEquals(alone, Arrays.copyOfRange(between, row, 10 * row));
        }
    }

    private static float[] encode(Executable executable, Graph encoder, int[] seeds, int... lengths) {
        Bindings batch = SmallModels.encoderBatch(encoder, seeds, lengths);
        executable.run(batch);
        return Runs.read(executable, batch, encoder.outputs().getFirst());
    }

    @ParameterizedTest
    @MethodSource("models")
    void aHypothesisHasTheSameBitsInEveryBatch(Kernels kernels, SmallModels model) {
        Graph decoder = Fusion.apply(model.decoder());
        Value logits = decoder.outputs().getLast();

        float[] alone = decode(kernels, decoder, logits, 3);
        float[] among = decode(kernels, decoder, logits, 1, 2, 4, 5, 6, 7, 3);
        assertArrayEquals(alone, Arrays.copyOfRange(among, 6 * alone.length, 7 * alone.length));
    }

    private static float[] decode(Kernels kernels, Graph decoder, Value output, int... slots) {
        try (Device cpu = Runs.cpu(kernels);
                Executable executable = cpu.compile(new Program("small", List.of(decoder)), new RandomWeights(1))) {
            Bindings step = SmallModels.decoderStep(decoder, 0, slots);
            for (int position = 0; position < 5; position++) {
                step = SmallModels.decoderStep(decoder, position, slots);
                executable.run(step);
            }
            return Runs.read(executable, step, output);
        }
    }
}
