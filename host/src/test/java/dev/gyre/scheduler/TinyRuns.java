package dev.gyre.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.cpu.CpuBackend;
import dev.gyre.decoding.EarlyStopping;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** The tiny model on the processor, and what to run on it. */
final class TinyRuns {

    private TinyRuns() {}

    static final CapacityPlan SMALL = CapacityPlan.DEFAULTS.withBatchTokens(64);

    static Device device() {
        return new CpuBackend().open(0, DeviceOptions.DEFAULTS.withThreads(1));
    }

    /** A device of a backend; a test that needs one that is not there is skipped. */
    static Device device(String backend) {
        return device(backend, Map.of());
    }

    static Device device(String backend, Map<String, String> tuning) {
        for (Backend b : Backends.all()) {
            if (b.name().equals(backend)) {
                for (DeviceDescription d : b.devices()) {
                    if (d.usable()) {
                        return b.open(
                                d.index(), DeviceOptions.DEFAULTS.withThreads(1).withTuning(tuning));
                    }
                }
            }
        }
        return Assumptions.abort("there is no usable device of backend " + backend);
    }

    static Seq2Seq open(CapacityPlan plan) {
        return open(device(), plan);
    }

    static Seq2Seq open(Device device, CapacityPlan plan) {
        return new Seq2Seq(
                device,
                TinyModel.transformer(),
                TinyModel.weights(),
                TinyModel.defaults(),
                plan,
                OverlongSource.REJECT);
    }

    /** Requests of all kinds, so that a batch mixes everything. */
    static List<Seq2SeqRequest> mixture(int count) {
        List<GenerationOptions> options = List.of(
                GenerationOptions.DEFAULTS,
                GenerationOptions.builder()
                        .numBeams(4)
                        .maxNewTokens(24)
                        .numReturnSequences(3)
                        .build(),
                GenerationOptions.builder()
                        .numBeams(3)
                        .noRepeatNgramSize(2)
                        .repetitionPenalty(1.3)
                        .earlyStopping(EarlyStopping.NEVER)
                        .build(),
                GenerationOptions.builder()
                        .maxNewTokens(30)
                        .minNewTokens(25)
                        .targetPrefix(5, 6, 7)
                        .build(),
                GenerationOptions.builder().numBeams(2).targetPrefix(9).build(),
                GenerationOptions.builder()
                        .doSample(true)
                        .topK(5)
                        .seed(3)
                        .numReturnSequences(2)
                        .build(),
                GenerationOptions.builder()
                        .doSample(true)
                        .topK(0)
                        .topP(0.8)
                        .temperature(0.7)
                        .build(),
                GenerationOptions.builder()
                        .numBeams(5)
                        .forcedBosTokenId(11)
                        .maxNewTokens(12)
                        .build());
        List<Seq2SeqRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] source = TinyModel.source(1 + i * 7 % 19, i);
            requests.add(new Seq2SeqRequest(source, options.get(i % options.size()), i));
        }
        return requests;
    }

    static void assertSameResults(List<List<Hypothesis>> expected, List<List<Hypothesis>> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).size(), actual.get(i).size(), "hypotheses of request " + i);
            for (int h = 0; h < expected.get(i).size(); h++) {
                Hypothesis e = expected.get(i).get(h);
                Hypothesis a = actual.get(i).get(h);
                assertArrayEquals(e.sequence(), a.sequence(), "request " + i + ", hypothesis " + h);
                assertEquals(e.score(), a.score(), 1e-4, "request " + i + ", hypothesis " + h);
            }
        }
    }
}
