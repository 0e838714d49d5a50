package dev.gyre.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Backends;
import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a JVM does that was started without the incubator module. */
class WithoutVectorModuleTest {

    /** Runs in the other JVM. */
    static final class OtherJvm {
        private OtherJvm() {}

        public static void main(String[] arguments) {
            DeviceDescription device = Backends.named("cpu").devices().getFirst();
            System.out.println("usable " + device.usable() + "; " + device.probed());
            Graph encoder = new SmallModels(2, 4, false, Activation.GELU).encoder();
            try (Device cpu = Backends.named("cpu").open(0, DeviceOptions.DEFAULTS);
                    Executable executable = cpu.compile(new Program("small", List.of(encoder)), new RandomWeights(1))) {
                Bindings batch = SmallModels.encoderBatch(encoder, new int[] {1}, 3);
                executable.run(batch);
                System.out.println("computed "
                        + Runs.read(executable, batch, encoder.outputs().getFirst()).length);
            }
        }
    }

    @Test
    void plainLoopsTakeOverAndTheFlagIsNamed() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherJvm.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("usable true"), output);
        assertTrue(output.contains(KernelChoice.FLAG), output);
        assertTrue(output.contains("plain loops"), output);
        assertTrue(output.contains("computed 24"), output);
    }
}
