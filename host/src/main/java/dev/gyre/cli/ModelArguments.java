package dev.gyre.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model. */
final class ModelArguments {

    @Option(
            names = {"-m", "--model"},
            paramLabel = "DIR",
            description = "A model's folder. Without: the English-German demonstration model.")
    private @Nullable Path model;

    Path folder() {
        if (model != null) {
            return model;
        }
        String home = System.getenv("GYRE_HOME");
        if (home == null) {
            throw new UserException(
                    "no --model, and GYRE_HOME, the folder with models/en-de, is not set; ./gyre sets it");
        }
        return Path.of(home, "models", "en-de");
    }
}
