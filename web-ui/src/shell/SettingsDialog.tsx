import "./settings.css";
import { Dialog } from "radix-ui";
import { type ReactNode, type RefObject, useEffect, useId, useState } from "react";
import { Icon } from "../icon/Icon";
import { CollabText } from "../panels/notes/CollabText";
import { PartsSetting } from "../parts/PartsSetting";
import { LIMITS, type Settings, setSetting, useRoom, useSettings } from "../room";
import { type ServerConfig, serverApi } from "../room/api";
import { settingsTexts } from "../texts";
import { Switch } from "./Switch";

export interface SettingsProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** The element that gets the focus after the dialog closes. */
  readonly opener: RefObject<HTMLElement | null>;
}

/**
 * The settings of the room. A host's change applies at once to all people; other people only see the settings [AD6].
 */
export function SettingsDialog({ open, onOpenChange, opener }: SettingsProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog settings"
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            opener.current?.focus();
          }}
        >
          <Dialog.Title asChild>
            <h2>{settingsTexts.roomSettings}</h2>
          </Dialog.Title>
          <Fields />
          <Dialog.Close className="icon-btn dialog-close" aria-label={settingsTexts.close}>
            <Icon name="close" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const TURNS: readonly Option<Settings["turnMode"]>[] = [
  { value: "free", label: settingsTexts.free, text: settingsTexts.anyoneCanPlayAnyTime },
  { value: "turns", label: settingsTexts.inTurns, text: settingsTexts.oneCardEachOrderPeople },
];
const RULES: readonly Option<Settings["stackRule"]>[] = [
  { value: "latest", label: settingsTexts.theLatest, text: settingsTexts.onlyLastRoleLastTone },
  { value: "combine", label: settingsTexts.allOfThem, text: settingsTexts.everyRoleEveryToneCounts },
];

const SLOTS: readonly Option<"1" | "2" | "3">[] = [
  { value: "1", label: settingsTexts.one, text: settingsTexts.furtherQuestionsWaitQueue },
  { value: "2", label: settingsTexts.two, text: settingsTexts.twoAnswersWrittenSideSide },
  { value: "3", label: settingsTexts.three, text: settingsTexts.threeAnswersWrittenSideSide },
];

function Fields() {
  const room = useRoom();
  const settings = useSettings();
  const locked = room.role !== "host";
  const change = (...[key, value]: Parameters<typeof setSetting>): void => {
    room.run(setSetting(key, value));
  };
  return (
    <>
      <Dialog.Description className="dialog-note">
        {locked ? settingsTexts.onlyHostChanges : settingsTexts.applyEveryoneStarting}
      </Dialog.Description>
      <Choice
        legend={settingsTexts.playingCards}
        options={TURNS}
        value={settings.turnMode}
        locked={locked}
        onPick={(value) => change("turnMode", value)}
      />
      <Choice
        legend={settingsTexts.rolesAndTones}
        options={RULES}
        value={settings.stackRule}
        locked={locked}
        onPick={(value) => change("stackRule", value)}
      />
      <Seats value={settings.maxPlayers} locked={locked} onPick={(value) => change("maxPlayers", value)} />
      <Choice
        legend={settingsTexts.answersAtTheSameTime}
        options={SLOTS}
        value={String(settings.slots ?? 1) as "1" | "2" | "3"}
        locked={locked}
        onPick={(value) => change("slots", Number(value))}
      />
      <Switch
        label={settingsTexts.spectatorsMayChat}
        text={settingsTexts.otherwiseCanOnlyRead}
        on={settings.spectatorChat}
        locked={locked}
        onPick={(value) => change("spectatorChat", value)}
      />
      <PartsSetting locked={locked} />
      <Model value={settings.model} locked={locked} onPick={(value) => change("model", value)} />
      <Prompt locked={locked} text={settings.systemPrompt} />
    </>
  );
}

interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly text: string;
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly locked: boolean;
  readonly onPick: (value: T) => void;
}

function Choice<T extends string>({ legend, options, value, locked, onPick }: ChoiceProps<T>) {
  const id = useId();
  return (
    <fieldset className="setting">
      <legend>{legend}</legend>
      <div className="setting-options">
        {options.map((option) => (
          <label key={option.value} className="setting-option" data-on={option.value === value}>
            <input
              type="radio"
              name={id}
              checked={option.value === value}
              disabled={locked}
              aria-describedby={`${id}-${option.value}`}
              onChange={() => onPick(option.value)}
            />
            <b>{option.label}</b>
            <small id={`${id}-${option.value}`}>{option.text}</small>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SeatsProps {
  readonly value: number;
  readonly locked: boolean;
  readonly onPick: (value: number) => void;
}

/**
 * The number of seats. A typed number applies as soon as it is valid. Other input is reset when the field loses the
 * focus.
 */
function Seats({ value, locked, onPick }: SeatsProps) {
  const id = useId();
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  return (
    <p className="setting setting-seats">
      <label htmlFor={id}>{settingsTexts.seats}</label>
      <input
        id={id}
        className="field"
        type="number"
        min={1}
        max={LIMITS.seats}
        value={text}
        readOnly={locked}
        aria-describedby={`${id}-help`}
        onChange={(event) => {
          setText(event.target.value);
          const seats = Number(event.target.value);
          if (Number.isInteger(seats) && seats >= 1 && seats <= LIMITS.seats && seats !== value)
            onPick(seats);
        }}
        onBlur={() => setText(String(value))}
      />
      <small id={`${id}-help`}>{settingsTexts.howManyPeopleCanPlay}</small>
    </p>
  );
}

interface ModelProps {
  readonly value: string | null;
  readonly locked: boolean;
  readonly onPick: (model: string | null) => void;
}

/**
 * Lets a host choose among the server's models. Shown only if there are several, or if the chosen model is not one of
 * them.
 */
function Model({ value, locked, onPick }: ModelProps) {
  const id = useId();
  const [offered, setOffered] = useState<ServerConfig["model"] | null>(null);
  useEffect(() => {
    let cancelled = false;
    serverApi.config().then(
      ({ model }) => !cancelled && setOffered(model),
      () => {}, // Offline: the current choice stays.
    );
    return () => {
      cancelled = true;
    };
  }, []);
  if (offered === null) return null;
  const isOffered = value === null || value === offered.name || offered.further.includes(value);
  if (offered.further.length === 0 && isOffered) return null;
  return (
    <p className="setting setting-model">
      <label htmlFor={id}>{settingsTexts.model}</label>
      <select
        id={id}
        className="field"
        value={value === offered.name ? "" : (value ?? "")}
        disabled={locked}
        aria-describedby={`${id}-help`}
        onChange={(event) => onPick(event.target.value === "" ? null : event.target.value)}
      >
        <option value="">{offered.name}</option>
        {offered.further.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        {!isOffered && value !== null && (
          <option value={value}>
            {value}
            {settingsTexts.notOfferedHere}
          </option>
        )}
      </select>
      <small id={`${id}-help`}>
        {isOffered ? settingsTexts.usedEveryAnswerRoom : settingsTexts.serverNotChooseAnother}
      </small>
    </p>
  );
}

function Prompt({ locked, text }: { readonly locked: boolean; readonly text: string }) {
  const excess = text.length - LIMITS.systemPrompt;
  return (
    <div className="setting">
      <h3>{settingsTexts.systemPrompt}</h3>
      <Frame>
        <CollabText
          path={["settings", "systemPrompt"]}
          label={settingsTexts.systemPrompt}
          placeholder={locked ? settingsTexts.nothing : settingsTexts.modelToldFirstFrontAll}
          readOnly={locked}
          carets={!locked}
        />
      </Frame>
      {excess > 0 && (
        <p className="setting-over">
          {excess} {settingsTexts.charactersTooManyEndNot}
        </p>
      )}
    </div>
  );
}

const Frame = ({ children }: { readonly children: ReactNode }) => (
  <div className="setting-prompt">{children}</div>
);
