package dev.gyre.check;

import dev.gyre.DevicePicker;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.check.CheckResult.Agreement;
import dev.gyre.check.CheckResult.TensorError;
import dev.gyre.models.ModelDirectory;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs a case: a model folder with {@code expected.safetensors} (tensors of a forward pass) and {@code expected.json}
 * (what {@code generate()} returned for some sets of options).
 */
public final class Check {

    /** The largest relative error of float32 that passes, of tensors and of scores. */
    static final double BOUND = 1e-4;

    static final String TENSORS = "expected.safetensors";
    static final String GENERATED = "expected.json";

    private static final Pattern MODEL_FILE = Pattern.compile(
            "config\\.json|generation_config\\.json|model.*\\.safetensors|model\\.safetensors\\.index\\.json|model\\.bin"
                    + "|.*vocabulary\\.(json|txt)|(target_)?vocab\\.json|(source|target)\\.spm|spiece\\.model"
                    + "|tokenizer(_config)?\\.json|special_tokens_map\\.json|README\\.md");

    private static final Set<String> KINDS = Set.of("seq2seq", "causal", "encoder");

    private Check() {}

    /**
     * The largest relative error of a tensor that passes. What numbers of 11, 8 and 7 bits leave of the golden cases,
     * whose embeddings are as narrow as 32, with room of a factor of three.
     */
    public static double bound(ComputeType type) {
        return switch (type) {
            case FLOAT32, AUTO -> BOUND;
            case FLOAT16 -> 5e-3;
            case BFLOAT16 -> 5e-2;
            case INT8 -> 2e-1;
        };
    }

    /**
     * Runs a case on a device. What does not agree is in the result; what keeps the case from running is thrown.
     *
     * @param device as {@link DevicePicker} takes it
     * @throws ModelFormatException if the folder is not a case
     * @throws dev.gyre.backend.DeviceException if the device is not there or fails
     */
    public static CheckResult run(Path folder, String device, DeviceOptions options) {
        List<String> problems = new ArrayList<>(unknownFiles(folder));
        Expectation expectation = Expectation.read(folder.resolve(GENERATED), problems);
        if (!KINDS.contains(expectation.kind())) {
            problems.add(
                    GENERATED + ": kind \"" + expectation.kind() + "\" is not known; seq2seq, causal and encoder are");
            return new CheckResult(
                    folder,
                    Optional.empty(),
                    options.computeType(),
                    List.of(),
                    new Agreement(0, 0),
                    new Agreement(0, 0),
                    problems);
        }
        try (ModelDirectory model = ModelDirectory.open(folder);
                Checkpoint expected = Safetensors.open(folder.resolve(TENSORS))) {
            Batch batch = Batch.read(expected, model.transformer());
            return DevicePicker.open(
                    device, options, d -> run(folder, d, model, expected, batch, expectation, problems));
        }
    }

    private static CheckResult run(
            Path folder,
            Device device,
            ModelDirectory model,
            Checkpoint expected,
            Batch batch,
            Expectation expectation,
            List<String> problems) {
        try (device) {
            List<String> found = new ArrayList<>(problems);
            ComputeType type = device.options().computeType();
            if (expectation.kind().equals("encoder")) {
                return new CheckResult(
                        folder,
                        Optional.of(device.description()),
                        type,
                        EncoderPass.run(device, model, expected, batch, found),
                        new Agreement(0, 0),
                        new Agreement(0, 0),
                        found);
            }
            List<TensorError> tensors = ForwardPass.run(device, model, expected, batch, found);
            Generation generation = new Generation(batch, expectation, found, type == ComputeType.FLOAT32);
            generation.run(device, model);
            return new CheckResult(
                    folder,
                    Optional.of(device.description()),
                    type,
                    tensors,
                    generation.sequences(),
                    generation.scores(),
                    found);
        }
    }

    private static List<String> unknownFiles(Path folder) {
        Set<String> expected = Set.of(TENSORS, GENERATED);
        for (String name : expected) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new ModelFormatException("there is no file " + folder.resolve(name)
                        + "; a case is a model folder with " + TENSORS + " and " + GENERATED);
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(n -> !expected.contains(n) && !MODEL_FILE.matcher(n).matches())
                    .sorted()
                    .map(n -> "file " + n + " is not known")
                    .toList();
        } catch (IOException e) {
            throw new ModelFormatException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }
}
