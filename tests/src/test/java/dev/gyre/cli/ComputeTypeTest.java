package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.Backends;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code --compute-type auto} of every command that takes a device. */
@Timeout(300)
class ComputeTypeTest {

    static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of(List.of("translate", "-m", Place.model(), "Hello.")),
                Arguments.of(List.of("check", Place.golden("marian").toString())));
    }

    /** The backend cpu has float32 only, so that nothing changes. */
    @ParameterizedTest
    @MethodSource("commands")
    void onTheCpuItIsFloat32(List<String> command) {
        assertEquals(
                run(command, "cpu", "float32").out(),
                run(command, "cpu", "auto").out());
    }

    @ParameterizedTest
    @CsvSource({"cpu,int8", "gpu,float16"})
    void onOpenClItGoesByTheKernels(String kernels, String type) {
        assumeTrue(
                Backends.all().stream()
                        .anyMatch(b -> b.name().equals("opencl") && !b.devices().isEmpty()),
                "skipped: no OpenCL device");
        List<String> check = List.of("check", Place.golden("marian").toString(), "--kernels", kernels);
        assertEquals(
                run(check, "opencl", type).out(), run(check, "opencl", "auto").out());
    }

    @ParameterizedTest
    @CsvSource({"translate", "generate", "embed", "classify", "similar", "score", "attention", "check", "tune"})
    void helpNamesIt(String command) {
        String help = Outcome.of(command, "--help").quiet().out().replaceAll("\\s+", " ");
        assertTrue(help.contains("--compute-type=TYPE") && help.contains("auto for the fastest"), help);
    }

    private static Outcome run(List<String> command, String device, String type) {
        Stream<String> options = Stream.of("--device", device, "--compute-type", type);
        return Outcome.of(Stream.of(
                                command.stream().limit(1),
                                options,
                                command.stream().skip(1))
                        .flatMap(s -> s)
                        .toArray(String[]::new))
                .quiet();
    }
}
