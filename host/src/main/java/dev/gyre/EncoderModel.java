package dev.gyre;

import dev.gyre.backend.DeviceOptions;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.EncodedText;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.scheduler.SourceTooLongException;
import dev.gyre.scheduler.TextEncoding;
import dev.gyre.scheduler.TextEncoding.Sequence;
import dev.gyre.scheduler.TextEncoding.Wanted;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** An encoder-only model on a device with its tokenizer: what encoders and classifiers of text share. */
final class EncoderModel implements AutoCloseable {

    /**
     * How to open one.
     *
     * @param longest tokens of a text at most, where less than the model takes; 0 for what it takes
     */
    record Settings(String device, DeviceOptions deviceOptions, int batchTokens, OverlongSource overlong, int longest) {

        static final Settings DEFAULTS =
                new Settings(DevicePicker.AUTO, DeviceOptions.DEFAULTS, 0, OverlongSource.REJECT, 0);

        Settings withDevice(String spec) {
            return new Settings(spec, deviceOptions, batchTokens, overlong, longest);
        }

        Settings withDeviceOptions(DeviceOptions options) {
            return new Settings(device, options, batchTokens, overlong, longest);
        }

        Settings withBatchTokens(int tokens) {
            return new Settings(device, deviceOptions, tokens, overlong, longest);
        }

        Settings withOverlong(OverlongSource rule) {
            return new Settings(device, deviceOptions, batchTokens, rule, longest);
        }

        Settings withLongest(int tokens) {
            return new Settings(device, deviceOptions, batchTokens, overlong, tokens);
        }
    }

    private final ModelDirectory model;
    private final TextEncoding encoding;
    private final OverlongSource overlong;
    private final int longest;

    private EncoderModel(ModelDirectory model, TextEncoding encoding, Settings settings) {
        this.model = model;
        this.encoding = encoding;
        this.overlong = settings.overlong();
        this.longest =
                settings.longest() > 0 ? Math.min(settings.longest(), encoding.maxLength()) : encoding.maxLength();
    }

    /** Opens a folder; {@code what} says in messages what an encoder-only model is needed for. */
    static EncoderModel open(Path folder, Settings settings, String what) {
        ModelDirectory model = DevicePicker.whileDriversLoad(settings.device(), () -> ModelDirectory.open(folder));
        try {
            if (model.transformer().decoder() != null) {
                throw new ModelFormatException(
                        folder + " holds a " + model.transformer().family()
                                + " model, which has a decoder; " + what + " an encoder-only model (bert, roberta,"
                                + " xlm-roberta, distilbert, mpnet, electra)");
            }
            TextEncoding encoding = DevicePicker.open(
                    settings.device(),
                    settings.deviceOptions(),
                    model.transformer(),
                    d -> new TextEncoding(d, model.transformer(), model.weights(), settings.batchTokens()));
            return new EncoderModel(model, encoding, settings);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    ModelDirectory model() {
        return model;
    }

    /** Tokens of a text at most. */
    int longest() {
        return longest;
    }

    TextEncoding encoding() {
        return encoding;
    }

    Tokenizer tokenizer() {
        return model.requireTokenizer("encoded");
    }

    /** Ids of a text as the model sees them, cut where that is wanted. */
    int[] ids(String text) {
        int[] ids = tokenizer().encode(text);
        if (ids.length <= longest) {
            return ids;
        }
        if (overlong == OverlongSource.REJECT) {
            throw new SourceTooLongException(ids.length, longest);
        }
        int[] cut = tokenizer().truncate(ids, longest);
        return cut.length <= longest ? cut : Arrays.copyOf(cut, longest);
    }

    /** Two texts as the model sees them, cut where that is wanted. */
    Sequence pair(String first, String second) {
        Tokenizer.Pair pair = tokenizer().encodePair(first, second, longest);
        if (pair.length() > longest && overlong == OverlongSource.REJECT) {
            throw new SourceTooLongException(pair.length(), longest);
        }
        // Tokenizers number the types also for models that have none.
        return new Sequence(pair.ids(), encoding.hasTypes() ? pair.types() : null);
    }

    List<EncodedText> encode(List<int[]> ids, Wanted wanted) {
        return encodeSequences(ids.stream().map(Sequence::of).toList(), wanted);
    }

    List<EncodedText> encodeSequences(List<Sequence> sequences, Wanted wanted) {
        return encoding.encode(sequences, Set.of(wanted));
    }

    @Override
    public void close() {
        encoding.close();
        model.close();
    }
}
