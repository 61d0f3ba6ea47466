let context: AudioContext | null = null;

/** The two tones of the sound: frequency in Hz, and start in seconds. */
const TONES = [
  [660, 0],
  [880, 0.13],
] as const;
const TONE_SECONDS = 0.22;
const LOUDNESS = 0.08;

/** Plays two short, quiet tones. A browser that allows no sound plays nothing. */
export function playDone(): void {
  try {
    context ??= new AudioContext();
    const start = context.currentTime;
    for (const [frequency, after] of TONES) {
      const tone = new OscillatorNode(context, { frequency });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, start + after);
      gain.gain.linearRampToValueAtTime(LOUDNESS, start + after + 0.02);
      gain.gain.linearRampToValueAtTime(0, start + after + TONE_SECONDS);
      tone.connect(gain).connect(context.destination);
      tone.start(start + after);
      tone.stop(start + after + TONE_SECONDS);
    }
  } catch {
    // The browser has no audio, or the page may not use it.
  }
}
