package dev.gyre.models;

import dev.gyre.decoding.ForeignOptions;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.weights.ModelFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The generation options of a model, as requests start from them. */
public final class ModelDefaults {

    private static final Logger LOG = LoggerFactory.getLogger(ModelDefaults.class);

    private ModelDefaults() {}

    /**
     * Reads what the publisher sets, special tokens included. Fields that would change results and are not supported
     * are logged.
     *
     * @throws ModelFormatException if a field cannot be what it is
     */
    public static GenerationOptions of(ModelDirectory model) {
        String where = model.defaults().where();
        ForeignOptions.Reading reading;
        try {
            reading = ForeignOptions.read(model.generationOptions());
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(where + ": " + e.getMessage(), e);
        }
        if (!reading.unsupported().isEmpty()) {
            LOG.warn(
                    "{}: not supported, and results may differ from the publisher's for it: {}",
                    where,
                    String.join(", ", reading.unsupported()));
        }
        return reading.options();
    }
}
