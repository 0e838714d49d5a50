package dev.gyre.conformance;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The outputs of one run: {@code int[]} or {@code float[]} of the bound size. */
record Outcome(Map<Value, Object> outputs) {

    /** Compiles a case and runs it from its first run to its last. */
    static List<Outcome> of(Case c, Device device) {
        try (Executable executable = device.compile(c.program(), c.weights())) {
            List<Outcome> outcomes = new ArrayList<>();
            for (Run run : c.runs()) {
                outcomes.add(of(run, executable));
            }
            return outcomes;
        }
    }

    /** Runs once and reads everything. */
    static Outcome of(Run run, Executable executable) {
        Bindings bindings = run.bindings();
        executable.run(bindings);
        return read(bindings, executable);
    }

    /** Reads the outputs of the last run with these bindings. */
    static Outcome read(Bindings bindings, Executable executable) {
        Map<Value, Object> outputs = new LinkedHashMap<>();
        for (Value output : bindings.graph().outputs()) {
            int count = bindings.elements(output);
            if (output.type() == ElementType.INT32) {
                int[] values = new int[count];
                executable.read(output, values, count);
                outputs.put(output, values);
            } else {
                float[] values = new float[count];
                executable.read(output, values, count);
                outputs.put(output, values);
            }
        }
        return new Outcome(outputs);
    }

    float[] floats(Value output) {
        return (float[]) outputs.get(output);
    }

    int[] ints(Value output) {
        return (int[]) outputs.get(output);
    }
}
