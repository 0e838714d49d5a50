package dev.gyre.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.ComputeType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The kernels under Oclgrind, an interpreter that checks every access to memory and looks for data races. It becomes
 * the only platform of another JVM, through {@code OCL_ICD_VENDORS}; preloading it into a JVM crashes that.
 */
class OclgrindTest {

    private static final String LIBRARY = "liboclgrind-rt-icd.so";
    private static final List<Path> FOLDERS = Stream.of(
                    "/usr/lib/oclgrind",
                    "/usr/lib/x86_64-linux-gnu/oclgrind",
                    "/usr/lib/aarch64-linux-gnu/oclgrind",
                    "/usr/local/lib",
                    "/usr/local/lib/oclgrind")
            .map(Path::of)
            .toList();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "CPU kernels,FLOAT32",
        "GPU kernels,FLOAT32",
        "CPU kernels in int8,INT8",
        "GPU kernels in int8,INT8",
        "CPU kernels in int8 by emulated-amx,INT8",
        "CPU kernels in int8 by emulated-vnni,INT8",
        "CPU kernels in int8 by emulated-avx-vnni,INT8",
        "CPU kernels in int8 by emulated-pmaddubsw,INT8",
        "CPU kernels in int8 tuned,INT8",
        "CPU kernels in bfloat16 by emulated-amx,BFLOAT16",
        "CPU kernels in float32 by emulated-amx,FLOAT32",
        "GPU kernels in int8 by emulated-dp4a,INT8",
        "GPU kernels in float16 by emulated-mma,FLOAT16",
        "GPU kernels in bfloat16 by emulated-mma,BFLOAT16",
        "CPU kernels tuned,FLOAT32",
        "CPU kernels fused,FLOAT32",
        "GPU kernels tuned,FLOAT32"
    })
    void kernelsAreClean(String kernels, ComputeType type) throws Exception {
        Result result = run(kernels);
        assertEquals("", result.log(), "what Oclgrind reports");
        assertEquals(0, result.exit(), result::output);
        assertTrue(
                result.output()
                        .endsWith("ran " + OclgrindRun.cases(kernels, type).size() + "\n"),
                result::output);
    }

    /** The checks are on: without this, silence would prove nothing. */
    @Test
    void aFaultyKernelIsReported() throws Exception {
        Result result = run("faulty");
        assertTrue(result.log().contains("Invalid write"), () -> result.log() + result.output());
        assertTrue(result.log().contains("data race"), () -> result.log() + result.output());
    }

    private record Result(int exit, String output, String log) {}

    private Result run(String what) throws IOException, InterruptedException {
        Optional<Path> library = FOLDERS.stream()
                .map(f -> f.resolve(LIBRARY))
                .filter(Files::exists)
                .findFirst();
        assumeTrue(library.isPresent(), "Oclgrind is not installed (Debian, Ubuntu: apt install oclgrind)");
        Path vendors = Files.createDirectory(folder.resolve("vendors"));
        Files.writeString(vendors.resolve("oclgrind.icd"), library.orElseThrow() + "\n");
        Path log = folder.resolve("oclgrind.log");
        Path output = folder.resolve("output.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-XX:ErrorFile=" + folder.resolve("crash.log"),
                "-D" + Target.DEVICES + "=opencl",
                "-cp",
                System.getProperty("java.class.path"),
                OclgrindRun.class.getName(),
                what));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("OCL_ICD_VENDORS", vendors + "/");
        environment.put("OCLGRIND_LOG", log.toString());
        environment.put("OCLGRIND_CHECK_API", "1");
        environment.put("OCLGRIND_DATA_RACES", "1");
        // Not OCLGRIND_UNINITIALIZED: 21.10 stops at the instruction "freeze" and takes vector builtins for
        // uninitialised.
        environment.put("OCLGRIND_MAX_ERRORS", "20");
        environment.put("GYRE_CACHE", folder.resolve("cache").toString());
        Process process = builder.start();
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
        return new Result(
                process.exitValue(), Files.readString(output), Files.exists(log) ? Files.readString(log) : "");
    }
}
