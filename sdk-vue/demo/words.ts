/** What the page around the chats says. */
export const LOCALES = ['en', 'ru', 'zh'] as const
export type DemoLocale = (typeof LOCALES)[number]

export const LOCALE_NAMES: Record<DemoLocale, string> = { en: 'English', ru: 'Русский', zh: '中文' }

export const WORDS = {
  en: {
    full: 'All chats',
    inline: 'One object',
    theme: 'Theme',
    themes: { light: 'Light', dark: 'Dark', auto: 'As the system' },
    language: 'Language',
    person: 'You are',
    object: 'Shipment',
    route: 'Gävle to Bergen',
    facts: [
      ['Status', 'At the terminal'],
      ['Carrier', 'Orrin Ltd'],
      ['Slot', '10:30, gate 5'],
      ['Papers', 'CMR, packing list, T1'],
    ],
  },
  ru: {
    full: 'Все чаты',
    inline: 'Один объект',
    theme: 'Тема',
    themes: { light: 'Светлая', dark: 'Тёмная', auto: 'Как в системе' },
    language: 'Язык',
    person: 'Вы',
    object: 'Отправка',
    route: 'Евле — Берген',
    facts: [
      ['Состояние', 'На терминале'],
      ['Перевозчик', 'Orrin Ltd'],
      ['Время', '10:30, ворота 5'],
      ['Документы', 'CMR, упаковочный лист, T1'],
    ],
  },
  zh: {
    full: '全部聊天',
    inline: '单个对象',
    theme: '主题',
    themes: { light: '浅色', dark: '深色', auto: '跟随系统' },
    language: '语言',
    person: '身份',
    object: '货运',
    route: '耶夫勒至卑尔根',
    facts: [
      ['状态', '已到站'],
      ['承运方', 'Orrin Ltd'],
      ['时段', '10:30，5 号门'],
      ['单据', 'CMR、装箱单、T1'],
    ],
  },
} as const
